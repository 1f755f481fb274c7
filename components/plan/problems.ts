import leven from "leven";
import { type Fault } from "./fault";

/** A fault of what somebody asked for, in that person's terms: the message has the rule, the value got, the values allowed. */
export interface Problem extends Fault {
  /** Where, as one would write it: `etcd.members`, `workers.0.labels`. */
  path: string;
}

/** A fault, if there is one, as a problem of a setting. */
export function problemAt(path: string, fault: Fault | undefined): Problem[] {
  return fault === undefined ? [] : [{ path, ...fault }];
}

/** All that is wrong with a cluster configuration, thrown once. */
export class ClusterConfigError extends Error {
  override readonly name = "ClusterConfigError";

  constructor(readonly problems: readonly Problem[]) {
    super(listed("The cluster configuration", problems));
  }
}

/** Problems as a text: how many, and each on a line of its own. @param what What has them. */
export function listed(what: string, problems: readonly Problem[]): string {
  return [
    `${what} has ${problems.length} ${problems.length === 1 ? "problem" : "problems"}:`,
    ...problems.map((p, index) => `  ${index + 1}. ${p.path}: ${p.message}. ${p.fix}.`),
  ].join("\n");
}

/** A value as it is shown in a message: short, on one line, and without the credentials of a URL. */
export function show(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = JSON.stringify(value).replace(/\/\/[^/@\s"]+@/g, "//...@");
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
