import { isSucceeded, movedEndpoints } from "../entries";
import type { State } from "../preview";
import type { ChangeRule } from "../rule";
import { lastOf } from "../world";

/** The way by which all of a cluster reaches the API. */
export const entryKept: ChangeRule = {
  id: "change-entry-kept",
  description:
    "The API of a living cluster keeps its name and port. Its virtual IP, a HAVIP or an internal CLB, is never replaced, and deleted only when an entry of another kind takes its place.",
  why:
    "Every kubelet and every kubeconfig has the name, which resolves to the address: with another one all nodes lose the API at " +
    "once, and are taken for dead within a minute. To an entry of another kind hosts go over while both are there",
  source: "Kubernetes, kube-controller-manager, --node-monitor-grace-period",
  fix: "Keep name, port and address. Another kind of entry may take its place, with the same name and port: docs/runbooks/switch-entry.md",
  judge: (change) => {
    if (change.staying.length === 0) return [];
    const lost = [...change.before.of("haVip"), ...internal(change.before.of("balancer"))]
      .filter((state) => {
        const act = change.act(state.urn);
        return act === "replace" || (act === "delete" && !isSucceeded(change, state));
      })
      .map(({ urn }) => ({
        urn,
        message: `virtual IP ${lastOf(urn)} is ${change.act(urn)}d while its cluster lives`,
      }));
    return [...movedEndpoints(change), ...lost];
  },
};

/** Load balancers with a private address; others serve no node. */
function internal(balancers: readonly State[]): State[] {
  return balancers.filter(({ inputs }) => inputs["networkType"] === "INTERNAL");
}
