import type { ClusterPlan, HostPlan } from "../plan/cluster";
import { entryKindOf } from "../plan/entry";
import { topologyOf } from "../plan/etcd";
import { type HostNeeds, mergeNeeds } from "../plan/needs";
import { podNetworkOf } from "../plan/podNetwork";
import { renderEntryNeeds } from "../render";
import { containerNeeds, kubeletNeeds } from "./containers";
import { configuredSysctls, everyHost, kernelFiles, silentAddressNeeds } from "./everyHost";
import { monitoringNeeds } from "./monitoring";
import { registryNeeds, runsContainers } from "./registry";
import { controlPlaneNeeds, dnsNeeds, nodeNeeds, workerNeeds } from "./nodes";

/** All a host needs before any of its steps runs: what its duties, the kinds the cluster is made of and being a host at all ask for. */
export function hostNeeds(plan: ClusterPlan, host: HostPlan): Required<HostNeeds> {
  const containers = runsContainers(plan, host);
  const controlPlane = host.duties.includes("controlPlane");
  const { etcdCluster, entry, podNetwork } = plan;
  const asked = mergeNeeds([
    ...(containers ? [containerNeeds(plan, host), kubeletNeeds(plan, host)] : []),
    topologyOf(etcdCluster).needs(etcdCluster, host),
    ...(controlPlane ? [controlPlaneNeeds(plan)] : []),
    ...(containers
      ? [nodeNeeds(plan, host), podNetworkOf(podNetwork).needs(podNetwork, host)]
      : []),
    ...(controlPlane ? [dnsNeeds] : []),
    ...(host.duties.includes("worker") ? [workerNeeds(plan, host)] : []),
    ...(host.duties.includes("registry") ? [registryNeeds(plan)] : []),
    entryKindOf(entry).needs(entry, host),
    renderEntryNeeds(plan, host),
    monitoringNeeds(plan, host),
  ]);
  const own = mergeNeeds([asked, silentAddressNeeds(asked), configuredSysctls(plan)]);
  return mergeNeeds([everyHost(plan), { files: kernelFiles(own) }, own]);
}
