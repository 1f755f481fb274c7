import { PolicyPack } from "@pulumi/policy";
import { noOpenPorts } from "./rules/network/noOpenPorts";
import { quorumRolesInStrictGroups } from "./rules/placement/quorumRolesInStrictGroups";
import { etcdOddMembers } from "./rules/quorum/etcdOddMembers";
import { etcdOddPlannedMembers } from "./rules/quorum/etcdOddPlannedMembers";

new PolicyPack("kubernetes-ha", {
  policies: [etcdOddPlannedMembers, etcdOddMembers, quorumRolesInStrictGroups, noOpenPorts],
});
