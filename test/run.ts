import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Option } from "commander";
import { ensureEverything } from "../lab/material";
import { commandLine, perform } from "../operations/command";
import { ensureSdk, toolchain } from "../toolchain";
import { nodeFor } from "../toolchain/node.cjs";
import { duration } from "../toolchain/progress";
import { provenance } from "../toolchain/provenance";

/** Projects of jest.config.js that need neither root nor the engine. */
const unitProjects = ["unit", "policy", "scripts"];
/** The rest, in the order that finds a fault soonest. */
const machineProjects = ["cloud", "mirror", "hosts", "engine", "package", "e2e"];

interface Totals {
  passed: number;
  failed: number;
  skipped: number;
}

const totals: Totals = { passed: 0, failed: 0, skipped: 0 };
/** Seconds by part, in the order in which they ran. */
const times: [part: string, seconds: number][] = [];

async function timed<T>(part: string, work: () => T | Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await work();
  times.push([part, Math.round((performance.now() - start) / 1000)]);
  return result;
}

/** One check that either ends with 0 or does not. */
function check(
  title: string,
  command: string[],
  cwd = process.cwd(),
  env: Record<string, string> = {},
): void {
  const start = Date.now();
  console.log(`\n== ${title}`);
  const { status } = spawnSync(command[0] as string, command.slice(1), {
    stdio: ["ignore", "inherit", "inherit"],
    cwd,
    env: { ...process.env, ...env },
  });
  totals[status === 0 ? "passed" : "failed"] += 1;
  console.log(
    `== ${title}: ${status === 0 ? "passed" : "FAILED"} in ${Math.round((Date.now() - start) / 1000)} s`,
  );
}

/** Jest's own counts, read from its report; a run that produced none counts as one failure. */
function jest(projects: string[], extra: string[], node = process.execPath): void {
  const dir = mkdtempSync(join(tmpdir(), "kubernetes-ha-jest-"));
  const report = join(dir, "report.json");
  console.log(`\n== jest: ${projects.join(", ")}`);
  spawnSync(
    node,
    [
      "node_modules/jest/bin/jest.js",
      "--selectProjects",
      ...projects,
      "--json",
      `--outputFile=${report}`,
      "--passWithNoTests",
      ...extra,
    ],
    {
      stdio: ["ignore", "ignore", "inherit"],
      env: { ...process.env, PATH: `${dirname(node)}:${process.env["PATH"] ?? ""}` },
    },
  );
  if (existsSync(report)) {
    const result = JSON.parse(readFileSync(report, "utf8")) as {
      numPassedTests: number;
      numFailedTests: number;
      numPendingTests: number;
      numRuntimeErrorTestSuites: number;
    };
    totals.passed += result.numPassedTests;
    totals.failed += result.numFailedTests + result.numRuntimeErrorTestSuites;
    totals.skipped += result.numPendingTests;
  } else {
    totals.failed += 1;
  }
  rmSync(dir, { recursive: true, force: true });
}

function lint(): void {
  check("prettier", ["npx", "prettier", "--check", "--log-level", "warn", "."]);
  check("tsc", ["npx", "tsc", "--noEmit"]);
  check("eslint", ["npx", "eslint", "."]);
  const tracked = spawnSync("git", ["ls-files", "*.sh", ".ci/run"], { encoding: "utf8" })
    .stdout.split("\n")
    .filter(Boolean);
  check("shellcheck", ["shellcheck", "-x", ...tracked]);
}

/** Our stand-in plugins are Go modules with tests of their own. */
function goTests(): void {
  const root = "toolchain/go";
  for (const module of readdirSync(root)) {
    const dir = join(root, module);
    if (readdirSync(dir).some((file) => file.endsWith("_test.go")))
      check(`go test ${module}`, ["go", "test", "./..."], dir);
  }
  // What the stand-in is held to, the official one is too where there is one.
  const { binaries, origins } = toolchain();
  const plugin = binaries["pulumi-resource-command"];
  if (origins.command?.source === "official" && plugin !== undefined)
    check(
      "go test command, with the official plugin",
      ["go", "test", "-run", "AnswersAs|Contract", "."],
      join(root, "command"),
      { COMMAND_PLUGIN: plugin },
    );
}

/** The oldest Node.js that is supported; everything else runs on the one that npm started us with. */
const oldestNode = "22";

/** jest would leave one idle. */
const allCores = ["--maxWorkers=100%"];

async function main(options: { unit?: boolean; only?: string[] }): Promise<void> {
  const only = options.only ?? [];
  console.log(`Node.js ${process.versions.node}`);
  if (options.unit) {
    await timed("set-up", ensureSdk);
    console.log(`with ${provenance(toolchain().origins)}`);
    await timed("unit", () => jest(unitProjects, allCores));
  } else {
    if (process.getuid?.() !== 0)
      throw new Error(
        "npm test boots hosts: run it as root; without root there is `npm run test:unit`",
      );
    await timed("set-up", ensureEverything);
    console.log(`with ${provenance(toolchain().origins)}`);
    if (only.length === 0) {
      await timed("lint", lint);
      await timed("go", goTests);
      await timed("unit", () => jest(unitProjects, allCores));
      await timed(`unit on Node.js ${oldestNode}`, () =>
        jest(["unit", "policy"], allCores, nodeFor(oldestNode)),
      );
    }
    // One at a time: they share two cores, and each brings up machines of its own.
    for (const project of machineProjects.filter(
      (name) => only.length === 0 || only.includes(name),
    ))
      await timed(project, () => jest([project], ["--runInBand"]));
  }
  const total = times.reduce((sum, [, seconds]) => sum + seconds, 0);
  for (const [part, seconds] of [...times, ["all", total] as const])
    console.log(`${duration(seconds * 1000).padStart(8)}  ${part}`);
  console.log(`with ${provenance(toolchain().origins)}`);
  console.log(
    `${totals.passed} passed, ${totals.failed} failed${totals.skipped > 0 ? `, ${totals.skipped} skipped` : ""}`,
  );
  process.exitCode = totals.failed === 0 && totals.passed > 0 ? 0 : 1;
}

const program = commandLine("npm test --", "All tests; sets up what they need.")
  .option("--unit", "only those that need neither root nor the engine")
  // Chosen among, so that a wrong name is told before anything is set up.
  .addOption(new Option("--only <project...>", "only these projects").choices(machineProjects))
  .action(main);

void perform(program, process.argv.slice(2), 1);
