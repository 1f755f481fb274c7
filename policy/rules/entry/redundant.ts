import { balancersFault, directorsFault } from "../../../components/plan/rules/quorum";
import { clusterName, membersByCluster } from "../../facts/instances";
import { apiTargets } from "../../facts/listeners";
import { type Finding, type Rule } from "../rule";

/** Counts the directors and balancers of every cluster with masters, or the masters behind its CLB. */
export const redundantEntry: Rule = {
  id: "entry-redundant",
  description:
    "Each layer of the API entry of a cluster has two or more hosts, directors or balancers, or it is a CLB with two or more masters behind it, or a proxy on every node.",
  level: "mandatory",
  why: "The entry is on the way of every node and every user to the API: the loss of a layer that has one host would cut off all masters.",
  source: 'kubernetes.io, "Creating Highly Available Clusters with kubeadm": load balancer',
  fix: "Use 2 hosts a layer, a CLB with all masters behind it, or a proxy on every node",
  scope: "stack",
  judge: (stack) => {
    const balancers = membersByCluster(stack, "balancer");
    const directors = membersByCluster(stack, "director");
    const targets = apiTargets(stack);
    const nodeLocal = new Set(stack.of("nodeLocalEntry").map(({ props }) => props.cluster));
    const behindOne: Finding[] = targets
      .filter(({ count }) => count < 2)
      .map(({ resource: { urn }, count }) => ({
        message: `the CLB has ${count} masters behind it that get connections`,
        fix: "Put all masters behind it, with a weight above 0",
        urn,
      }));
    const few = [...membersByCluster(stack, "controlPlane")].flatMap(
      ([cluster, masters]): Finding[] => {
        const own = balancers.get(cluster) ?? [];
        if (own.length === 0 && targets.some(({ clusters }) => clusters.has(cluster))) return [];
        // A node that loses its proxy is one node; there is nothing that two of them share.
        if (own.length === 0 && nodeLocal.has(cluster)) return [];
        const before = directors.get(cluster) ?? [];
        // Directors may send straight to the masters.
        const direct = before.length > 0 && own.length === 0;
        return [
          { hosts: before, fault: before.length === 0 ? undefined : directorsFault(before.length) },
          { hosts: own, fault: direct ? undefined : balancersFault(own.length) },
        ].flatMap(({ hosts, fault }): Finding[] => {
          if (fault === undefined) return [];
          const message = `cluster ${clusterName(cluster)}: ${fault.message}`;
          return [{ message, urn: (hosts[0] ?? masters[0])?.resource.urn }];
        });
      },
    );
    return [...few, ...behindOne];
  },
};
