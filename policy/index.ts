import { PolicyPack } from "@pulumi/policy";
import { noOpenPorts } from "./rules/network/noOpenPorts";
import { quorumRolesInStrictGroups } from "./rules/placement/quorumRolesInStrictGroups";
import { etcdOddMembers } from "./rules/quorum/etcdOddMembers";

new PolicyPack("kubernetes-ha", {
  policies: [etcdOddMembers, quorumRolesInStrictGroups, noOpenPorts],
});
