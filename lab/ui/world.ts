import type { ClusterStatus } from "../../operations/status/judge";
import type { PhysicalHost, Placement } from "../admin";

/** An instance as the page shows it. */
export interface ShownInstance {
  id: string;
  name: string;
  power: string;
  link: "up" | "cut";
  /** What it is at the moment beside what it is made for: `leader of etcd`, `virtual address`. */
  marks: string[];
  /** What is not healthy of it. */
  findings: string[];
}

/** A physical machine, and what runs on it. */
export interface ShownMachine {
  name: string;
  zone: string;
  rack: string;
  power: string;
  instances: ShownInstance[];
}

/** Machines with their instances, and what of the cluster's status is of each. Pure. */
export function shownMachines(
  machines: readonly PhysicalHost[],
  placement: readonly Placement[],
  status: ClusterStatus | undefined,
): ShownMachine[] {
  return machines.map(({ name, zone, power }) => {
    const own = placement.filter(({ physicalHost }) => physicalHost === name);
    return {
      ...{ name, zone, power },
      rack: own[0]?.rack ?? "",
      instances: own
        .map((row) => ({
          id: row.instanceId,
          name: row.name,
          power: row.power,
          link: row.link,
          marks: status === undefined ? [] : marksOf(row.name, status),
          findings: (status?.findings ?? [])
            .filter(({ of }) => of === row.name)
            .map(({ problem }) => problem),
        }))
        .sort((a, b) => a.name.localeCompare(b.name)),
    };
  });
}

function marksOf(name: string, { etcd, masters, entry }: ClusterStatus): string[] {
  const member = etcd.members.find(({ host }) => host === name);
  const holds = masters.find(({ host }) => host === name)?.holds ?? [];
  return [
    ...(member?.state === "leader" ? ["etcd leader"] : []),
    ...(member?.state === "learner" ? ["etcd learner"] : []),
    ...(entry.holders?.includes(name) ? ["virtual address"] : []),
    ...holds.map((lease) => lease.replace("kube-", "")),
  ];
}
