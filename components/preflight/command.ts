/**
 * Asks the cloud whether a cluster can be had: reads a demand (see demand.ts) as JSON on standard input and prints a report. Makes
 * nothing. Ends with 1 when something would fail. With `--new` nothing may have the cluster's name.
 */
import { readFileSync } from "node:fs";
import type { CloudDemand } from "./demand";
import { preflight } from "./preflight";

const demand = JSON.parse(readFileSync(0, "utf8")) as CloudDemand;
const isNew = process.argv.includes("--new");

preflight({ ...demand, isNew }, process.env).then(
  ({ findings, report, passed }) => {
    process.stdout.write(report);
    // What is let pass is seen nevertheless: cloudPreflight.ts warns of standard error.
    if (passed)
      for (const { result, check, found, fix } of findings)
        if (result === "warning") process.stderr.write(`preflight: ${check}: ${found}. ${fix}.\n`);
    process.exitCode = passed ? 0 : 1;
  },
  (error: unknown) => {
    process.stderr.write(`preflight: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  },
);
