import { z } from "zod";
import { type Fault } from "../fault";
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
  topology: z.literal("stacked").describe("`stacked`: a member on each master."),
  disk: dataDisk.describe(
    "Data disk of every master, for its member. Its log wants fdatasync below 10 ms, so `CLOUD_PREMIUM` is refused.",
  ),
  snapshots,
  extraArgs: flags("etcd"),
});

type StackedConfig = z.output<typeof config>;

/** A member on each master. */
export interface StackedEtcdPlan extends EtcdBase {
  topology: "stacked";
}

/** Why a number of masters that each hold a member is refused; undefined when it is fine. */
function stackedSizeFault(masters: number): Fault | undefined {
  const fault = etcdSizeFault(masters);
  if (fault === undefined) return undefined;
  return {
    message: `with etcd.topology stacked every master holds a member, and ${fault.message}`,
    fix: `${fault.fix.replace("members", "masters")}, or etcd.topology external`,
  };
}

function rules({ disk }: StackedConfig, { network, masters }: EtcdSurroundings): Problem[] {
  return [
    ...problemAt("masters.members", masters && stackedSizeFault(masters.length)),
    ...placeProblems("masters.members", masters ?? [], network),
    ...dataDiskProblems(disk),
  ];
}

/** etcd on the masters: fewer machines, but one that is lost takes an apiserver and a vote with it. */
export const stacked = {
  topology: "stacked",
  config,
  rules,
  hosts: () => [],
  onMasters: ({ disk }) => ({ duties: ["etcd"], dataDisk: disk }),
  plan: ({ extraArgs }, site) => ({ ...planMembers(site), extraArgs, topology: "stacked" }),
  flows: memberFlows,
  needs: memberNeeds,
} satisfies EtcdTopology<StackedConfig, StackedEtcdPlan>;
