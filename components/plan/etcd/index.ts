import { z } from "zod";
import { external, type ExternalEtcdPlan } from "./external";
import { stacked, type StackedEtcdPlan } from "./stacked";
import { type EtcdTopology } from "./topology";

export type { ExternalEtcdPlan } from "./external";
export {
  planSnapshotStore,
  type SnapshotStorePlan,
  snapshotTurns,
  type Turns,
  turnsOf,
} from "./snapshots";
export type { StackedEtcdPlan } from "./stacked";

/** Section `etcd`: a branch a topology. */
export const etcd = z
  .discriminatedUnion("topology", [external.config, stacked.config])
  .describe("etcd, which holds all that the cluster knows.");

/** etcd as configured. */
export type EtcdConfig = z.output<typeof etcd>;

/** etcd as planned. */
export type EtcdPlan = ExternalEtcdPlan | StackedEtcdPlan;

type Of<T, K> = Extract<T, { topology: K }>;

/** Every topology. One is added here, in {@link etcd} and in {@link EtcdPlan}; the compiler asks for the rest. */
export const etcdTopologies: {
  readonly [K in EtcdConfig["topology"]]: EtcdTopology<Of<EtcdConfig, K>, Of<EtcdPlan, K>>;
} = { external, stacked };

/** The topology of an etcd cluster, configured or planned. */
export function topologyOf({
  topology,
}: Pick<EtcdConfig, "topology">): EtcdTopology<EtcdConfig, EtcdPlan> {
  return etcdTopologies[topology];
}
