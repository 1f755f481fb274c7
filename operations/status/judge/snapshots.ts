import { etcdHosts, type Facts, lookOf } from "../facts";
import type { Finding } from "./finding";

/** The newest snapshot of etcd that a host keeps. */
export interface SnapshotStatus {
  host: string;
  /** Since it was taken; null where there is none yet. */
  ageSeconds: number | null;
  /** How many are kept there. */
  kept: number;
}

/** A host's own measures of its snapshots; a host without them takes none. */
const names = {
  taken: "kubernetes_ha_etcd_snapshot_newest_seconds",
  failed: "kubernetes_ha_etcd_snapshot_failed",
  kept: "kubernetes_ha_etcd_snapshots",
} as const;

/** Age from which the newest snapshot of all hosts is too old, in seconds: whatever the schedule, two days of writes are much to lose. */
const oldFrom = 2 * 24 * 60 * 60;

function taking(facts: Facts): { host: string; metrics: Record<string, number> }[] {
  return etcdHosts(facts.outputs.nodes).flatMap(({ name }) => {
    const metrics = lookOf(facts, name)?.metrics ?? {};
    return metrics[names.taken] === undefined ? [] : [{ host: name, metrics }];
  });
}

export function snapshotStatuses(facts: Facts): SnapshotStatus[] {
  return taking(facts).map(({ host, metrics }) => {
    const taken = metrics[names.taken] ?? 0;
    const age = Math.round(facts.at.getTime() / 1000 - taken);
    return { host, ageSeconds: taken === 0 ? null : age, kept: metrics[names.kept] ?? 0 };
  });
}

export function snapshotFindings(facts: Facts): Finding[] {
  const ages = snapshotStatuses(facts).flatMap(({ ageSeconds }) => ageSeconds ?? []);
  return [
    ...taking(facts)
      .filter(({ metrics }) => metrics[names.failed] === 1)
      .map(({ host }) => ({
        of: host,
        problem: "its last attempt to take a snapshot of etcd failed",
        act: "there: sudo journalctl -u kubernetes-ha-etcd-snapshot",
      })),
    ...(ages.length > 0 && Math.min(...ages) > oldFrom
      ? [
          {
            of: "snapshots",
            problem: `the newest of etcd is ${Math.floor(Math.min(...ages) / 86400)} days old`,
            act: "on an etcd host: sudo systemctl list-timers kubernetes-ha-etcd-snapshot.timer",
          },
        ]
      : []),
  ];
}
