import { noOpenPorts } from "./network/noOpenPorts";
import { oneGroupARole } from "./placement/oneGroupARole";
import { quorumRolesInStrictGroups } from "./placement/quorumRolesInStrictGroups";
import { requireRole } from "./placement/requireRole";
import { etcdOddMembers } from "./quorum/etcdOddMembers";
import { etcdOddPlannedMembers } from "./quorum/etcdOddPlannedMembers";
import { mastersMinimum } from "./quorum/mastersMinimum";
import { type Rule } from "./rule";

export { type Resource } from "../facts/stack";
export { judge, type Rule, type RuleConfig, sentence, type Violation } from "./rule";

/** Every rule, area by area, in the order the documentation has them. */
export const rules: readonly Rule[] = [
  etcdOddMembers,
  etcdOddPlannedMembers,
  mastersMinimum,
  quorumRolesInStrictGroups,
  oneGroupARole,
  requireRole,
  noOpenPorts,
];
