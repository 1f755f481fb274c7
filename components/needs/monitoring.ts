import type { ClusterPlan, HostPlan } from "../plan/cluster";
import type { HostNeeds } from "../plan/needs";
import { paths, renderHostFacts, renderNodeExporter, renderNodeExporterDropIn } from "../render";

/** What a host tells of itself, if the cluster is watched: Debian's node_exporter, which also reads what our scripts leave for it. */
export function monitoringNeeds(plan: ClusterPlan, host: HostPlan): HostNeeds {
  if (plan.monitoring === undefined) return {};
  const { nodeExporter, nodeExporterDropIn, hostFacts } = paths;
  return {
    packages: ["prometheus-node-exporter"],
    files: [
      { path: nodeExporter, content: renderNodeExporter(host) },
      { path: nodeExporterDropIn, content: renderNodeExporterDropIn() },
      // Read at every scrape: nothing restarts for it.
      { path: hostFacts, content: renderHostFacts(plan, host) },
    ],
    services: [
      { unit: "prometheus-node-exporter", restartedFor: [nodeExporter, nodeExporterDropIn] },
    ],
  };
}
