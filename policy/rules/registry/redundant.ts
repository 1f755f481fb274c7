import { registryFault } from "../../../components/plan/rules/quorum";
import { clusterName, membersByCluster } from "../../facts/instances";
import { type Rule } from "../rule";

/** Counts the hosts of every cluster's own registry. */
export const redundantRegistry: Rule = {
  id: "registry-redundant",
  description: "A cluster's own registry has two or more hosts.",
  level: "mandatory",
  why: "While it has none that works, nobody can push, and images that are nowhere else cannot be pulled: a node that is new cannot start what it is to run.",
  source: "docs/registry.md",
  fix: "Use 2 hosts in one strict group",
  scope: "stack",
  judge: (stack) =>
    [...membersByCluster(stack, "registry")].flatMap(([cluster, hosts]) => {
      const fault = registryFault(hosts.length);
      if (fault === undefined) return [];
      const message = `cluster ${clusterName(cluster)}: ${fault.message}`;
      return [{ message, urn: hosts[0]?.resource.urn }];
    }),
};
