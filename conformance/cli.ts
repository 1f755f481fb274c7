/** `npm run conformance`: Kubernetes' own conformance tests on a lab's cluster, held against the list of all there are. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { InvalidArgumentError } from "commander";
import { format, resolveConfig } from "prettier";
import { cacheRoot, labIdentity } from "../lab/identity";
import { commandLine, exitCodes, perform } from "../operations/command";
import { ensureConformance, versions } from "../toolchain";
import { say } from "../toolchain/progress";
import { assertImages, runTests, upstreamOf } from "./ginkgo";
import { leftOut } from "./leftOut";
import { renderMarkdown, renderText, reportOf, withSection } from "./report";
import { keepRun, readRun, withLater } from "./results";
import type { Spec } from "./specs";

interface Options {
  list?: true;
  focus?: string[];
  skip?: string[];
  continue?: true;
  procs: number;
  minutes: number;
  keep?: true;
  json?: true;
  docs?: true;
}

const kubernetes = `v${versions.kubernetes}`;
const kept = join(cacheRoot(), "conformance");
const runFile = join(kept, "run.json");
const document = resolve(__dirname, "../docs/conformance.md");

async function conformance(options: Options): Promise<void> {
  const programs = await ensureConformance();
  const upstream = await upstreamOf({ programs });
  if (options.list) {
    for (const { name } of upstream) console.log(name);
    return;
  }
  await assertImages({ programs });
  if (!options.docs) await runOnLab(options);
  await show(upstream, options);
}

/** Runs what was chosen, and keeps how it ended with what was kept before. */
async function runOnLab({ focus, skip, ...options }: Options): Promise<void> {
  const before = readRun(runFile, kubernetes);
  const earlier = options.continue ? before.results : [];
  const passed = earlier.flatMap(({ name, outcome }) => (outcome === "passed" ? [name] : []));
  const { siteOnLab } = await import("./onLab.js");
  const { site, lab } = await siteOnLab(labIdentity(undefined, "conformance"));
  mkdirSync(kept, { recursive: true, mode: 0o700 });
  try {
    const results = await runTests(site, {
      directory: join(kept, "last"),
      processes: options.procs,
      minutes: options.minutes,
      ...(focus && { focus }),
      ...(skip && { skip }),
      without: [...leftOut.map(({ name }) => name), ...passed],
    });
    keepRun(runFile, { kubernetes, results: withLater(earlier, results) });
  } finally {
    if (!options.keep) await lab.down();
  }
  say(`output, ginkgo's report and JUnit's: ${join(kept, "last")}`);
}

/** Tells what is known now; ends as it says. */
async function show(upstream: readonly Spec[], { json, docs }: Options): Promise<void> {
  const report = reportOf(kubernetes, upstream, readRun(runFile, kubernetes).results, leftOut);
  if (docs) {
    const text = withSection(readFileSync(document, "utf8"), renderMarkdown(report));
    const style = await resolveConfig(document);
    writeFileSync(document, await format(text, { ...style, parser: "markdown" }));
  }
  console.log(json ? JSON.stringify(report, undefined, 2) : renderText(report));
  if (report.failed.length > 0) process.exitCode = exitCodes.found;
  else if (report.passed.length === 0) process.exitCode = exitCodes.undecided;
}

function atLeastOne(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError("a whole number from 1 is wanted");
  return value;
}

const program = commandLine(
  "npm run conformance --",
  "Runs Kubernetes' own conformance tests on the cluster of a lab of its own, and says which passed, failed, were left out and why, of all there are.",
)
  .option("-l, --list", "names of all conformance tests")
  .option(
    "--focus <pattern...>",
    "only tests with one of these in their names (Go's regular expressions)",
  )
  .option("--skip <pattern...>", "none with one of these in their names")
  .option("--continue", "not those that passed before; what is known of them stays")
  .option("--procs <count>", "tests beside each other", atLeastOne, 4)
  .option("--minutes <minutes>", "when to end, with what is known then", atLeastOne, 300)
  .option("--keep", "leave the lab up, for the next run to take")
  .option("--json", "print the report as JSON")
  .option("--docs", "run nothing: write what is known of the last runs into docs/conformance.md")
  .addHelpText(
    "after",
    `
The first run builds the tests, for many minutes. All of them take hours on two processors.
Ends with 0 when none failed, with 1 when one did, with 2 when none ran.`,
  )
  .action(conformance);

void perform(program);
