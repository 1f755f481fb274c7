import { readFileSync } from "node:fs";
import { dirname, isAbsolute, join, relative } from "node:path";
import type { Job } from "./job";

/** What reporter.cjs tells, one of these at a time. */
interface Told {
  files?: number;
  file?: string;
  at?: string;
  ended?: string;
  failed?: string;
}

/** The part of jest's report that is read here. */
interface Report {
  numPassedTests: number;
  numPendingTests: number;
  testResults: {
    name: string;
    status: string;
    message: string;
    assertionResults: { status: string }[];
  }[];
}

/**
 * Runs projects of jest.config.js. The counts are jest's own, read from its report; a run that leaves none counts as one failure.
 *
 * @param node Node.js to run them on.
 */
export async function jest(
  job: Job,
  projects: string[],
  extra: string[],
  node = process.execPath,
): Promise<void> {
  const bin = "node_modules/jest/bin/jest.js";
  const reporters = ["--reporters=default", `--reporters=${join(__dirname, "reporter.cjs")}`];
  const report = ["--json", `--outputFile=${job.file("json")}`];
  const code = await job.execute(
    [node, bin, "--selectProjects", ...projects, ...report, ...reporters, ...extra],
    "out",
    {
      env: { PATH: `${dirname(node)}:${process.env["PATH"] ?? ""}` },
      onMessage: follow(job),
    },
  );
  count(job, code);
}

/** Keeps what the job is at, and tells failures as they happen. */
function follow(job: Job): (message: unknown) => void {
  let [files, done, tests, now] = [1, 0, 0, ""];
  return (message) => {
    const told = message as Told;
    if (told.files !== undefined) files = told.files;
    if (told.file !== undefined) done += 1;
    if (told.at !== undefined) now = told.at;
    if (told.ended !== undefined) tests += 1;
    if (told.failed !== undefined) job.tellFailure(own(told.failed));
    job.at = `${files > 1 ? `${done} of ${files} files, ` : ""}${tests} tests done, at: ${now}`;
  };
}

/** A path of the checkout, or what is no path, for people. */
const own = (text: string): string => (isAbsolute(text) ? relative(process.cwd(), text) : text);

function count(job: Job, code: number | string): void {
  let report: Report;
  try {
    report = JSON.parse(readFileSync(job.file("json"), "utf8")) as Report;
  } catch {
    job.fail("jest", `it left no report and ended with ${code}; ${job.file("log")} tells more`);
    return;
  }
  job.outcome.passed += report.numPassedTests;
  job.outcome.skipped += report.numPendingTests;
  for (const { name, status, message, assertionResults } of report.testResults) {
    const failed = assertionResults.filter((each) => each.status === "failed").length;
    // Of a file that could not be run at all there is no test.
    if (status === "failed") job.fail(own(name), message.trimEnd(), Math.max(1, failed));
  }
  if (code !== 0 && job.outcome.failed === 0)
    job.fail("jest", `all tests passed, yet it ended with ${code}`);
}
