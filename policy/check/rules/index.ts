import type { ChangeRule } from "../rule";
import { dataKept } from "./dataKept";
import { departures } from "./departures";
import { entryKept } from "./entryKept";
import { groupKept } from "./groupKept";
import { inOrder } from "./inOrder";
import { oneMinor } from "./oneMinor";
import { oneReplacement } from "./oneReplacement";
import { protectionKept } from "./protectionKept";
import { quorumKept } from "./quorumKept";

/** Rules on what becomes of what is there. */
export const changeRules: readonly ChangeRule[] = [
  quorumKept,
  oneReplacement,
  inOrder,
  departures,
  oneMinor,
  groupKept,
  dataKept,
  entryKept,
  protectionKept,
];
