import { Option } from "commander";
import { ensureEverything } from "../lab/material";
import { commandLine, perform } from "../operations/command";
import { ensureSdk, toolchain } from "../toolchain";
import { ensureAddonsModules } from "../toolchain/addonsPackage";
import { duration } from "../toolchain/progress";
import { provenance } from "../toolchain/provenance";
import type { Job } from "./runner/job";
import type { Part } from "./runner/part";
import { apart, suite, unit } from "./runner/parts";
import { processorUse, runParts } from "./runner/runParts";

/** Those of `apart` stand under their names. */
interface Options extends Partial<Record<string, boolean | string[]>> {
  unit?: boolean;
  only?: string[];
}

async function main(options: Options): Promise<void> {
  const use = processorUse();
  const start = performance.now();
  console.log(`Node.js ${process.versions.node}`);
  if (options.unit) await ensureSdk();
  else {
    if (process.getuid?.() !== 0)
      throw new Error(
        "npm test boots hosts: run it as root; without root there is `npm run test:unit`",
      );
    // The tests of `hosts` have some with a kernel of their own.
    await ensureEverything({
      ownKernel: true,
      registry: options["registry"] === true || options["harbor"] === true,
      addons: options["addons"] === true,
    });
  }
  await ensureAddonsModules();
  const setUp = performance.now() - start;
  console.log(`with ${provenance(toolchain().origins)}`);
  const jobs = await runParts(partsOf(options));
  summarise(jobs, [
    [setUp, "set-up"],
    ...jobs.map((job) => [job.seconds * 1000, job.part.name] as const),
    [
      performance.now() - start,
      `all, side by side where they can be; processors ${use()} % in use`,
    ],
  ]);
}

function partsOf(options: Options): readonly Part[] {
  if (options.unit) return [unit];
  const asked = apart.find(({ part }) => options[part.name]);
  if (asked) return [asked.part];
  return suite.filter(({ name }) => options.only?.includes(name) ?? true);
}

function summarise(jobs: Job[], times: (readonly [milliseconds: number, what: string])[]): void {
  const outcomes = jobs.map(({ outcome }) => outcome);
  const failures = outcomes.flatMap((outcome) => outcome.failures);
  if (failures.length > 0) console.log(`\n== failed\n\n${failures.join("\n\n")}`);
  console.log("");
  for (const [milliseconds, what] of times)
    console.log(`${duration(milliseconds).padStart(8)}  ${what}`);
  console.log(`with ${provenance(toolchain().origins)}`);
  const sum = (of: "passed" | "failed" | "skipped"): number =>
    outcomes.reduce((total, outcome) => total + outcome[of], 0);
  const skipped = sum("skipped") > 0 ? `, ${sum("skipped")} skipped` : "";
  console.log(`${sum("passed")} passed, ${sum("failed")} failed${skipped}`);
  process.exitCode = sum("failed") === 0 && sum("passed") > 0 ? 0 : 1;
}

const program = commandLine("npm test --", "All tests; sets up what they need.")
  .option("--unit", "only those that need neither root nor the engine")
  // Chosen among, so that a wrong name is told before anything is set up.
  .addOption(
    new Option("--only <part...>", "only these parts").choices(suite.map(({ name }) => name)),
  )
  .action(main);
for (const { part, what } of apart) program.option(`--${part.name}`, `${what}, and nothing else`);

void perform(program, process.argv.slice(2), 1);
