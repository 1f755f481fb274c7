import { auditOn } from "./cluster/auditOn";
import { keysSecret } from "./cluster/keysSecret";
import { requiredTags } from "./cluster/requiredTags";
import { reservationSet } from "./cluster/reservationSet";
import { versionSkew } from "./cluster/versionSkew";
import { encryptionAtRest } from "./data/encryptionAtRest";
import { etcdOwnDisk } from "./data/etcdOwnDisk";
import { etcdSnapshots } from "./data/etcdSnapshots";
import { noPublicBucket } from "./data/noPublicBucket";
import { certificateNames } from "./entry/certificateNames";
import { haVipInOneZone } from "./entry/haVipInOneZone";
import { healthCheck } from "./entry/healthCheck";
import { localEndpoint } from "./entry/localEndpoint";
import { noDirectRouting } from "./entry/noDirectRouting";
import { noDirectorLoop } from "./entry/noDirectorLoop";
import { redundantEntry } from "./entry/redundant";
import { etcdAndKubelet } from "./network/etcdAndKubelet";
import { noOpenPorts } from "./network/noOpenPorts";
import { rangesDisjoint } from "./network/rangesDisjoint";
import { sshFromBastion } from "./network/sshFromBastion";
import { vrrpBetweenPeers } from "./network/vrrpBetweenPeers";
import { groupQuota } from "./placement/groupQuota";
import { noZoneHoldsQuorum } from "./placement/noZoneHoldsQuorum";
import { oneGroupARole } from "./placement/oneGroupARole";
import { quorumRolesInStrictGroups } from "./placement/quorumRolesInStrictGroups";
import { requireRole } from "./placement/requireRole";
import { etcdOddMembers } from "./quorum/etcdOddMembers";
import { etcdOddPlannedMembers } from "./quorum/etcdOddPlannedMembers";
import { mastersMinimum } from "./quorum/mastersMinimum";
import { membersStay } from "./quorum/membersStay";
import { survivesOneHost } from "./quorum/survivesOneHost";
import { registryFromEntry } from "./registry/fromEntry";
import { redundantRegistry } from "./registry/redundant";
import { type Rule } from "./rule";

export { type Resource } from "../facts/stack";
export { judge, type Rule, type RuleConfig, sentence, type Violation } from "./rule";

/** Every rule, area by area, in the order the documentation has them. */
export const rules: readonly Rule[] = [
  etcdOddMembers,
  etcdOddPlannedMembers,
  mastersMinimum,
  survivesOneHost,
  membersStay,
  quorumRolesInStrictGroups,
  oneGroupARole,
  noZoneHoldsQuorum,
  groupQuota,
  requireRole,
  redundantEntry,
  healthCheck,
  certificateNames,
  localEndpoint,
  noDirectRouting,
  noDirectorLoop,
  haVipInOneZone,
  redundantRegistry,
  registryFromEntry,
  noOpenPorts,
  etcdAndKubelet,
  vrrpBetweenPeers,
  sshFromBastion,
  rangesDisjoint,
  etcdOwnDisk,
  encryptionAtRest,
  etcdSnapshots,
  noPublicBucket,
  versionSkew,
  reservationSet,
  auditOn,
  keysSecret,
  requiredTags,
];
