import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { z } from "zod";

/** How a test ended. */
const resultSchema = z.strictObject({
  name: z.string(),
  /** `skipped`: by itself, for the reason in `message`. */
  outcome: z.enum(["passed", "failed", "skipped"]),
  seconds: z.number(),
  /** Why it failed or skipped itself. */
  message: z.string().optional(),
});

export type Result = z.output<typeof resultSchema>;

const runSchema = z.strictObject({
  /** Release of Kubernetes whose tests they are. */
  kubernetes: z.string(),
  results: z.array(resultSchema),
});

/** What is known of a cluster's conformance. */
export type Run = z.output<typeof runSchema>;

const reportSchema = z.array(
  z.object({
    SpecReports: z.array(
      z.object({
        LeafNodeType: z.string(),
        ContainerHierarchyTexts: z.array(z.string()).nullish(),
        LeafNodeText: z.string(),
        State: z.string(),
        /** Nanoseconds. */
        RunTime: z.number(),
        Failure: z.object({ Message: z.string() }).optional(),
      }),
    ),
  }),
);

/**
 * Reads a report of ginkgo: the tests that ran, and what failed around them. Those that were not chosen are in it too, skipped without a word, and left out here.
 *
 * @param text JSON that `--json-report` wrote.
 */
export function parseReport(text: string): Result[] {
  return reportSchema.parse(JSON.parse(text)).flatMap(({ SpecReports }) =>
    SpecReports.flatMap((report): Result[] => {
      const { State, Failure } = report;
      const message = Failure?.Message.trim();
      const isTest = report.LeafNodeType === "It";
      if (State === "pending" || (State === "skipped" && !message)) return [];
      if (!isTest && State === "passed") return [];
      const name = isTest
        ? [...(report.ContainerHierarchyTexts ?? []), report.LeafNodeText].join(" ")
        : `(${report.LeafNodeType})`;
      const outcome = State === "passed" || State === "skipped" ? State : "failed";
      const seconds = Math.round(report.RunTime / 1e8) / 10;
      return [{ name, outcome, seconds, ...(message && { message: message.slice(0, 2000) }) }];
    }),
  );
}

/** Results with later ones in the place of those of the same test. */
export function withLater(earlier: readonly Result[], later: readonly Result[]): Result[] {
  const all = new Map([...earlier, ...later].map((result) => [result.name, result]));
  return [...all.values()];
}

/** The run that was kept in a file; nothing of another release counts. */
export function readRun(file: string, kubernetes: string): Run {
  if (!existsSync(file)) return { kubernetes, results: [] };
  const run = runSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  return run.kubernetes === kubernetes ? run : { kubernetes, results: [] };
}

/** Whole or not at all. */
export function keepRun(file: string, run: Run): void {
  writeFileSync(`${file}.new`, `${JSON.stringify(run, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
