/** Something that is not as it is to be. */
export interface Finding {
  /** What of: a host's name, `etcd`, `entry`. */
  of: string;
  /** What is wrong, and why as far as it is known. */
  problem: string;
  /** What to do: a command, or the runbook. */
  act?: string;
}
