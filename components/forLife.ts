import { local } from "@pulumi/command";
import type * as pulumi from "@pulumi/pulumi";
import type { ClusterPlan } from "./plan/cluster";

/**
 * Has the engine refuse an edit of what a cluster keeps for its life, in a preview and before an `up` has touched anything: each setting is the trigger of a
 * protected resource that does nothing, whose name, which the refusal tells, says what is kept.
 *
 * - `etcd-topology`: members elsewhere would begin an etcd of their own, without the data. Build another cluster, or restore a snapshot into it.
 * - `api-port`: it is in the kubeconfig of every node, which nobody rewrites. Of the kinds of entry `vip` on masters alone has another one, 8443.
 */
export function keepForLife(
  name: string,
  { etcdCluster, entry }: ClusterPlan,
  parent: pulumi.Resource,
): void {
  const kept = { "etcd-topology": etcdCluster.topology, "api-port": String(entry.port) };
  for (const [what, value] of Object.entries(kept)) {
    new local.Command(
      `${name}-${what}-is-for-life`,
      { create: "true", triggers: [value], addPreviousOutputInEnv: false },
      { parent, protect: true },
    );
  }
}
