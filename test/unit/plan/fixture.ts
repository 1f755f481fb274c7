import {
  ClusterConfigError,
  type ClusterConfigInput,
  type ClusterPlan,
  parseClusterConfig,
  planCluster,
} from "../../../components/plan";
import type { EntryPlan, LvsPlan, VipPlan } from "../../../components/plan/entry";
import type { ExternalEtcdPlan } from "../../../components/plan/etcd";
import { newestVersions } from "../../../components/plan/schema/versions";
import type { Problem } from "../../../components/plan/problems";

type Pool = NonNullable<ClusterConfigInput["workers"]>[number];
type Network = ClusterConfigInput["network"];

/** A configuration that is known to have a pool, a zone, and the usual kinds. */
export interface TestConfig extends ClusterConfigInput {
  etcd: Extract<ClusterConfigInput["etcd"], { topology?: "external" }>;
  entry: Extract<ClusterConfigInput["entry"], { kind?: "vip"; on?: "balancers" }>;
  workers: [Pool, ...Pool[]];
  sources: Extract<ClusterConfigInput["sources"], { kind: "mirror" }>;
  network: Network & { zones: [Network["zones"][number], ...Network["zones"]] };
}

/** A configuration with nothing but what has no default, and a mirror. */
export function minimalConfig(): TestConfig {
  return {
    name: "prod",
    imageId: "img-7ag0z2jt",
    versions: { ...newestVersions },
    network: {
      vpcCidr: "10.0.0.0/16",
      zones: [{ zone: "ap-guangzhou-3", subnetCidr: "10.0.0.0/20" }],
    },
    bastion: { instanceType: "S5.SMALL2", allowedCidrs: ["203.0.113.0/24"] },
    etcd: { members: 3, instanceType: "S5.MEDIUM4" },
    masters: { members: 3, instanceType: "S5.LARGE8" },
    workers: [{ pool: "worker", members: 2, instanceType: "S5.8XLARGE64" }],
    entry: { balancers: { members: 2, instanceType: "S5.MEDIUM2" } },
    sources: {
      kind: "mirror",
      baseUrl: "http://mirror.test/artifacts",
      imageRepository: "registry.test/kubernetes-ha",
    },
  };
}

/** A plan of the usual kinds. */
export interface TestPlan extends ClusterPlan {
  entry: VipPlan;
  etcdCluster: ExternalEtcdPlan;
}

/** Plan of the minimal configuration after a change. */
export function planOf(change: (config: TestConfig) => void = () => undefined): TestPlan {
  const config = minimalConfig();
  change(config);
  const plan = planCluster(parseClusterConfig(config));
  if (!isUsual(plan)) throw new Error("the plan is of other kinds");
  return plan;
}

/** Plan of the minimal configuration with some sections in the place of its own: other kinds, say. */
export function planHaving(sections: Partial<ClusterConfigInput>): ClusterPlan {
  return planCluster(parseClusterConfig({ ...minimalConfig(), ...sections }));
}

function isUsual(plan: ClusterPlan): plan is TestPlan {
  const kinds: string[] = [plan.entry.kind, plan.etcdCluster.topology];
  return kinds.join() === "vip,external";
}

/** Plan of the minimal configuration with another entry, after a change. */
export function planWith<E extends ClusterConfigInput["entry"]>(
  entry: E,
  change: (config: TestConfig) => unknown = () => undefined,
): ClusterPlan & { entry: Extract<EntryPlan, { kind: E["kind"] }> } {
  const config = minimalConfig();
  change(config);
  const plan = planCluster(parseClusterConfig({ ...config, entry }));
  return plan as ClusterPlan & { entry: Extract<EntryPlan, { kind: E["kind"] }> };
}

const lvsHosts = { members: 2, instanceType: "S5.MEDIUM2" };

/** Plan with an entry of kind `lvs`, by default straight to the masters, on a network that forwards by MAC if it has to. */
export function lvsPlanOf(
  entry: Partial<Extract<ClusterConfigInput["entry"], { kind: "lvs" }>> = {},
): ClusterPlan & { entry: LvsPlan } {
  const { forwarding = "dr" } = entry;
  return planWith(
    { kind: "lvs", directors: lvsHosts, ...entry, forwarding },
    ({ network }) => (network.layer2 = forwarding === "dr"),
  );
}

/** What is wrong with a configuration. */
export function problemsIn(input: unknown): readonly Problem[] {
  try {
    parseClusterConfig(input);
    return [];
  } catch (error) {
    if (!(error instanceof ClusterConfigError)) throw error;
    return error.problems;
  }
}

/** What is wrong with the minimal configuration after a change. */
export function problemsOf(change: (config: TestConfig) => unknown): readonly Problem[] {
  const config = minimalConfig();
  change(config);
  return problemsIn(config);
}

/** A problem as one line: `<path>: <message>. <fix>.` */
export function line({ path, message, fix }: Problem): string {
  return `${path}: ${message}. ${fix}.`;
}

/** The first of a list that is known not to be empty. */
export function first<T>(list: readonly T[]): T {
  const [item] = list;
  if (item === undefined) throw new Error("the list is empty");
  return item;
}
