import leven from "leven";

/** One thing that is wrong with what somebody asked for, in that person's terms. */
export interface Problem {
  /** Where, as one would write it: `etcd.members`, `workers.0.labels`. */
  path: string;
  /** What is wrong: rule, value got, values allowed. */
  message: string;
  /** What to change. */
  fix: string;
}

/** All that is wrong with a cluster configuration, thrown once. */
export class ClusterConfigError extends Error {
  override readonly name = "ClusterConfigError";

  constructor(readonly problems: readonly Problem[]) {
    super(
      [
        `The cluster configuration has ${problems.length} ${problems.length === 1 ? "problem" : "problems"}:`,
        ...problems.map((p, index) => `  ${index + 1}. ${p.path}: ${p.message}. ${p.fix}.`),
      ].join("\n"),
    );
  }
}

/** A value as it is shown in a message: short, on one line. */
export function show(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** The known word a misspelt one was most likely meant to be, if any is near enough. */
export function didYouMean(word: string, known: readonly string[]): string | undefined {
  const limit = Math.max(2, Math.floor(word.length / 3));
  return known
    .map((candidate) => ({
      candidate,
      distance: leven(word.toLowerCase(), candidate.toLowerCase()),
    }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance)[0]?.candidate;
}
