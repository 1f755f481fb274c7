import type { core } from "@pulumi/kubernetes/types/input";

/** Pods of a Deployment on different nodes, or not at all; in different zones where that can be. */
export function spreadOver(labels: Record<string, string>): core.v1.TopologySpreadConstraint[] {
  const over = [
    ["kubernetes.io/hostname", "DoNotSchedule"],
    ["topology.kubernetes.io/zone", "ScheduleAnyway"],
  ] as const;
  return over.map(([topologyKey, whenUnsatisfiable]) => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable,
    labelSelector: { matchLabels: labels },
    // Pods of the release before, which are about to go, do not count.
    matchLabelKeys: ["pod-template-hash"],
  }));
}
