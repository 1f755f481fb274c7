import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { type ClusterPlan, planCluster } from "../../components/plan/cluster";
import { parseClusterConfig } from "../../components/plan/config";
import { examples } from "./examples";
import type { MemoryLab } from "./memoryLab";

const clusterKey = "tencentcloud-kubernetes-ha:cluster";

/** The example of one zone with one worker and other settings if given, and a file with its configuration. */
export function smallCluster(
  name: string,
  settings: object = {},
): { plan: ClusterPlan; configFile: string } {
  const stack = parse(readFileSync(examples.oneZone, "utf8")) as {
    config: Record<string, { workers: { members: number }[] }>;
  };
  const cluster = Object.assign(stack.config[clusterKey] ?? { workers: [] }, settings);
  for (const pool of cluster.workers) pool.members = 1;
  const configFile = join(mkdtempSync(join(tmpdir(), `kha-${name}-`)), "Pulumi.yaml");
  writeFileSync(configFile, stringify(stack));
  return { plan: planCluster(parseClusterConfig(cluster)), configFile };
}

/** The cloud holds what the plan says, each once, and the state knows all of it. */
export async function expectPlanned(lab: MemoryLab, plan: ClusterPlan): Promise<void> {
  const there = await lab.admin.resources();
  const count = Object.fromEntries(Object.entries(there).map(([kind, ids]) => [kind, ids.length]));
  const dataDisks = plan.hosts.filter(({ dataDisk }) => dataDisk !== undefined).length;
  expect(count).toMatchObject({
    vpcs: 1,
    subnets: plan.network.subnets.length,
    haVips: 1,
    // The bastion's, and that of the way out.
    addresses: plan.network.nat === undefined ? 1 : 2,
    keyPairs: 1,
    natGateways: plan.network.nat === undefined ? 0 : 1,
    // The VPC's own.
    routeTables: 1,
    securityGroups: plan.securityGroups.length,
    placementGroups: plan.placementGroups.length,
    instances: plan.hosts.length,
    disks: dataDisks + plan.hosts.length,
  });
  const names = (await lab.admin.placement()).map(({ name }) => name);
  expect(names.sort()).toEqual(plan.hosts.map(({ name }) => name).sort());
  // By the account's own API: nothing is there that no state knows.
  expect(await orphanIds(lab)).toEqual([]);
}

/** Ids that `npm run orphans` lists. */
export async function orphanIds(lab: MemoryLab): Promise<string[]> {
  const { code, stdout, stderr } = await lab.engine.operate("list");
  // 1 is that there are some.
  if (code > 1) throw new Error(stderr);
  const ids = stdout.match(/\b(?:ins|disk|eip|havip|nat|skey|ps|sg|subnet|vpc)-[a-z0-9]{8}\b/g);
  return [...new Set(ids ?? [])];
}
