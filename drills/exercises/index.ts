import { coldStart } from "./coldStart";
import { certificateExpiry, diskFull, etcdMember, etcdQuorum } from "./etcd";
import type { Exercise, Harmless } from "./exercise";
import { hairpin } from "./hairpin";
import { balancer, master, physicalHost } from "./hosts";
import { restore } from "./restore";

export type { Check, Exercise, Harmless, Tried } from "./exercise";

/** All of them, in the order that `all` has: what only asks first, what takes everything down last. */
export const exercises: readonly (Exercise | Harmless)[] = [
  hairpin,
  master,
  etcdMember,
  balancer,
  physicalHost,
  diskFull,
  certificateExpiry,
  etcdQuorum,
  restore,
  coldStart,
];

export const isHarmless = (exercise: Exercise | Harmless): exercise is Harmless =>
  "harmless" in exercise;
