import type { ClusterStatus } from "../../operations/status/judge";

/** What has become otherwise between two looks at a cluster, for its list of events. Pure. */
export function changesOf(before: ClusterStatus | undefined, after: ClusterStatus): string[] {
  if (before === undefined) return [];
  return Object.entries(positionsOf(after)).flatMap(([what, now]) => {
    const then = positionsOf(before)[what] ?? "";
    // Who has it is not known while nobody can be asked.
    return then === now || now === "" ? [] : [`${what}: ${then === "" ? "" : `${then} → `}${now}`];
  });
}

function positionsOf({ etcd, masters, entry, healthy }: ClusterStatus): Record<string, string> {
  const holderOf = (lease: string): string =>
    masters.find(({ holds }) => holds.includes(lease))?.host ?? "";
  return {
    "etcd leader": etcd.members.find(({ state }) => state === "leader")?.host ?? "",
    "virtual address": entry.holders?.join(" and ") ?? "",
    scheduler: holderOf("kube-scheduler"),
    "controller-manager": holderOf("kube-controller-manager"),
    cluster: healthy ? "healthy" : "not healthy",
  };
}
