import { z } from "zod";
import { instanceType, members, systemDisk } from "../fields";
import { hostGroup } from "../hostGroup";
import { type Problem, problemAt } from "../problems";
import { etcdSizeFault } from "../rules/quorum";
import { flags } from "../schema/flags";
import {
  dataDisk,
  dataDiskProblems,
  memberFlows,
  memberNeeds,
  placeProblems,
  planMembers,
} from "./member";
import { snapshots } from "./snapshots";
import { type EtcdBase, type EtcdSurroundings, type EtcdTopology } from "./topology";

const config = z.strictObject({
  topology: z
    .literal("external")
    .default("external")
    .describe("`external`: members on hosts of their own."),
  members: members.describe("3, 5 or 7 members, as a count or as keys."),
  instanceType: instanceType.describe("Instance type of every member."),
  systemDisk: systemDisk.describe("System disk of every member."),
  disk: dataDisk.describe(
    "Data disk of every member. Its log wants fdatasync below 10 ms, so `CLOUD_PREMIUM` is refused.",
  ),
  snapshots,
  extraArgs: flags("etcd"),
});

type ExternalConfig = z.output<typeof config>;

/** Members on hosts of their own. */
export interface ExternalEtcdPlan extends EtcdBase {
  topology: "external";
}

function rules({ members, disk }: ExternalConfig, { network }: EtcdSurroundings): Problem[] {
  return [
    ...problemAt("etcd.members", etcdSizeFault(members.length)),
    ...placeProblems("etcd.members", members, network),
    ...dataDiskProblems(disk),
  ];
}

/** etcd on hosts of its own, a data disk each: the recommended topology, as a host then carries one thing that must not fail. */
export const external = {
  topology: "external",
  config,
  rules,
  hosts: (etcd) => [{ ...hostGroup("etcd", "etcd", etcd), dataDisk: etcd.disk }],
  onMasters: () => ({}),
  plan: ({ extraArgs }, site) => ({ ...planMembers(site), extraArgs, topology: "external" }),
  flows: memberFlows,
  needs: memberNeeds,
} satisfies EtcdTopology<ExternalConfig, ExternalEtcdPlan>;
