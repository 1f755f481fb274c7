import type { ChangeRule } from "../rule";
import type { State } from "../preview";
import { lastOf } from "../world";

/** The address that all of a cluster knows the API by. */
export const entryKept: ChangeRule = {
  id: "change-entry-kept",
  description:
    "The virtual IP of a living cluster, a HAVIP or an internal CLB, is neither replaced nor deleted.",
  why:
    "Every kubelet and every kubeconfig has the address, or a name that resolves to it: with another one all nodes lose the API at " +
    "once, and are taken for dead within a minute",
  source: "Kubernetes, kube-controller-manager, --node-monitor-grace-period",
  fix: "Keep the address. Another entry is made beside the old one first",
  judge: (change) =>
    [...change.before.of("haVip"), ...internal(change.before.of("balancer"))]
      .filter(({ urn }) => ["replace", "delete"].includes(change.act(urn)))
      .filter(() => change.staying.length > 0)
      .map(({ urn }) => ({
        urn,
        message: `virtual IP ${lastOf(urn)} is ${change.act(urn)}d while its cluster lives`,
      })),
};

/** Load balancers with a private address; others serve no node. */
function internal(balancers: readonly State[]): State[] {
  return balancers.filter(({ inputs }) => inputs["networkType"] === "INTERNAL");
}
