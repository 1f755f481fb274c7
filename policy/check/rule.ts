import type { Finding } from "../rules/rule";
import type { Change } from "./change";

/**
 * A rule on what becomes of what is there. CrossGuard shows the pack new states only, so these are the plan check's alone; what
 * can be told from the new state is a rule of the pack, which the check runs as well.
 */
export interface ChangeRule {
  /** `change-<what it holds to>`. */
  id: `change-${string}`;
  /** What holds in a plan that passes, in one sentence. */
  description: string;
  /** What breaks without it. */
  why: string;
  /** Where that is known from. */
  source: string;
  /** What to do about a plan that is denied. */
  fix: string;
  judge: (change: Change) => Finding[];
}
