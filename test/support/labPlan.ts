import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseClusterConfig, planCluster, type ClusterPlan } from "../../components/plan";
import { clusterKey, exampleConfig, type Variation } from "../../lab/examples";

const base = readFileSync(join(__dirname, "../../Pulumi.lab.yaml"), "utf8");

/** The cluster of `npm run lab -- up` with these examples. */
export function labPlan(variation: Variation, zones = 1): ClusterPlan {
  const { config } = exampleConfig(base, variation, zones);
  return planCluster(parseClusterConfig(config[clusterKey]));
}
