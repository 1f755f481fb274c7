import { type HostPlan } from "./model";

/** Kubernetes quantities of what is kept from pods. */
export interface ReservedResources {
  cpu: string;
  memory: string;
  ephemeralStorage: string;
}

/** What a node keeps for itself, and what of it cgroups enforce. */
export interface Reservation {
  /** Kubelet and containerd, in a cgroup of their own ({@link kubeReservedCgroup}). */
  kubeReserved: ReservedResources;
  /** Everything else that is no pod ({@link systemReservedCgroup}). */
  systemReserved: ReservedResources;
  /** Pods are evicted when less than this is left. */
  evictionHard: { "memory.available": string; "nodefs.available": string };
  enforceNodeAllocatable: ("pods" | "kube-reserved" | "system-reserved")[];
}

/** Slice that kubelet.service and containerd.service run in. */
export const kubeReservedCgroup = "/runtime.slice";
/** Slice of everything else systemd starts. */
export const systemReservedCgroup = "/system.slice";

/** What a node has: its machine's size, its system disk, which holds images and writable layers, and what is to run on it. */
export interface NodeCapacity {
  cpus: number;
  memoryGiB: number;
  diskGiB: number;
  /** Most pods it runs. */
  maxPods: number;
  /** Whether it is a master, beside whose pods there are proxies, audit logs to be read, and the agents of the platform. @default false */
  controlPlane?: boolean;
}

/** Overrides by configuration; what is absent follows the machine's size. */
export interface ReservationOverrides {
  kubeReserved?: Partial<ReservedResources>;
  systemReserved?: Partial<ReservedResources>;
  enforceNodeAllocatable?: Reservation["enforceNodeAllocatable"];
}

/**
 * MiB that kubelet and containerd get at least, by the machine's memory in GiB; straight lines between. The number of pods grows slower
 * than memory does, hence the falling slope, as in GKE's published table (25 % of the first 4 GiB, 20 % of the next 4, 10 %, 6 %, 2 %).
 * The curve is set through the asked-for example, 2 GiB on a machine of 64.
 */
const kubeMemoryCurve: readonly (readonly [gib: number, mib: number])[] = [
  [0, 64],
  [1, 128],
  [2, 192],
  [4, 320],
  [8, 512],
  [16, 896],
  [32, 1344],
  [64, 2048],
  [128, 3072],
  [256, 4096],
];

/**
 * MiB that kubelet, containerd and the shims of that many pods use: EKS's published floor. A limit below it kills what it shall protect
 * once the node is full (amazon-eks-ami#419; a shim was measured at 6.6 MiB here).
 */
export function kubeMemoryFloor(maxPods: number): number {
  return 255 + 11 * maxPods;
}

/** MiB that journald, sshd, chrony, the platform's agents and on masters the proxies use together, with room for one that grows. */
const systemMemoryFloor = { controlPlane: 1024, worker: 512 } as const;

/** From this many GiB on the two slices have limits, and so at least the floors. */
const smallestEnforcedGiB = 8;
/** Up to this many GiB a node follows the curve alone: it will not run many pods, and has no limits that could kill. */
const largestUnflooredGiB = 4;

/** MiB by a curve, and by a floor where there are limits; a straight line between. So no machine leaves less than a smaller one. */
function floored(curve: (gib: number) => number, floor: number, gib: number): number {
  if (gib >= smallestEnforcedGiB) return Math.max(curve(gib), floor);
  if (gib <= largestUnflooredGiB) return curve(gib);
  const from = curve(largestUnflooredGiB);
  const to = Math.max(curve(smallestEnforcedGiB), floor);
  const share = (gib - largestUnflooredGiB) / (smallestEnforcedGiB - largestUnflooredGiB);
  return Math.round(from + (to - from) * share);
}

/**
 * Reservation of a node by its size and the pods it may run. A machine of 32 cores, 64 GiB and 100 GiB of disk gets exactly the
 * asked-for example: kube 1 core, 2 GiB, 1 GiB; system 1 core, 1 GiB, 1 GiB; eviction below 500 MiB of memory and 10 % of disk.
 * A lab machine of 2 cores and 4 GiB keeps 80 % of its memory for pods.
 */
export function reservation(node: NodeCapacity, overrides: ReservationOverrides = {}): Reservation {
  // A core in 32 each, no less than a kubelet at rest uses; more than a core helps neither.
  const cpu = millicores(clamp(Math.round((node.cpus * 1000) / 32), 50, 1000));
  const kubeMemory = (gib: number) => interpolate(kubeMemoryCurve, gib);
  const systemMemory = (gib: number) => Math.max(64, Math.round(kubeMemory(gib) / 2));
  const systemFloor = systemMemoryFloor[node.controlPlane === true ? "controlPlane" : "worker"];
  // 1 % of the disk each: logs of the kubelet, of the journal and of what runs beside pods.
  const ephemeralStorage = mebibytes(clamp(Math.round((node.diskGiB * 1024) / 100), 256, 1024));
  return {
    kubeReserved: {
      cpu,
      memory: mebibytes(floored(kubeMemory, kubeMemoryFloor(node.maxPods), node.memoryGiB)),
      ephemeralStorage,
      ...defined(overrides.kubeReserved),
    },
    systemReserved: {
      cpu,
      memory: mebibytes(floored(systemMemory, systemFloor, node.memoryGiB)),
      ephemeralStorage,
      ...defined(overrides.systemReserved),
    },
    evictionHard: {
      // 500 MiB, but no more than a tenth of a small machine.
      "memory.available": `${Math.min(500, Math.floor((node.memoryGiB * 1024) / 10))}Mi`,
      "nodefs.available": "10%",
    },
    enforceNodeAllocatable: overrides.enforceNodeAllocatable ?? [
      "pods",
      ...(node.memoryGiB >= smallestEnforcedGiB
        ? (["kube-reserved", "system-reserved"] as const)
        : []),
    ],
  };
}

/** A host that is a node, as far as its reservation depends on it. */
export type ReservingHost = Pick<HostPlan, "size" | "systemDisk" | "duties">;

/** What a host has, and what is to run on it. */
export function nodeCapacity(host: ReservingHost, { maxPods }: { maxPods: number }): NodeCapacity {
  return {
    cpus: host.size.cpus,
    memoryGiB: host.size.memoryGiB,
    diskGiB: host.systemDisk.sizeGiB,
    maxPods,
    controlPlane: host.duties.includes("controlPlane"),
  };
}

/** Reservation of a host: by its size and the pods it may run, or as configured. */
export function nodeReservation(
  host: ReservingHost,
  kubelet: ReservationOverrides & { maxPods: number },
): Reservation {
  return reservation(nodeCapacity(host, kubelet), kubelet);
}

/** What a node has left for pods. */
export interface Allocatable {
  cpus: number;
  memoryGiB: number;
  diskGiB: number;
}

/**
 * What the kubelet will report as allocatable: capacity less both reservations less the eviction threshold; for
 * processors there is no threshold.
 *
 * For the asked-for example that is 30 cores, 60.5 GiB and 88 GiB. The document it comes from says 29 cores; its memory
 * (64 - 2 - 1 - 0.5) and disk (100 - 1 - 1 - 10) follow this rule, its cores do not: with 1 + 1 reserved, 32 leaves 30,
 * and no setting of the kubelet takes another. We keep the reservation asked for and report what really comes of it.
 */
export function allocatable(node: NodeCapacity, kept: Reservation): Allocatable {
  const both = [kept.kubeReserved, kept.systemReserved];
  const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
  return {
    cpus: node.cpus - sum(both.map((r) => cores(r.cpu))),
    memoryGiB:
      node.memoryGiB -
      sum(both.map((r) => gibibytes(r.memory))) -
      threshold(kept.evictionHard["memory.available"], node.memoryGiB),
    diskGiB:
      node.diskGiB -
      sum(both.map((r) => gibibytes(r.ephemeralStorage))) -
      threshold(kept.evictionHard["nodefs.available"], node.diskGiB),
  };
}

function threshold(text: string, capacityGiB: number): number {
  return text.endsWith("%") ? (capacityGiB * parseFloat(text)) / 100 : gibibytes(text);
}

function cores(quantity: string): number {
  return quantity.endsWith("m") ? parseInt(quantity, 10) / 1000 : Number(quantity);
}

/** GiB of a quantity in binary units. */
export function gibibytes(quantity: string): number {
  const exponent = ["Ki", "Mi", "Gi", "Ti"].indexOf(quantity.slice(-2)) - 2;
  return parseInt(quantity, 10) * 1024 ** exponent;
}

function millicores(count: number): string {
  return count % 1000 === 0 ? String(count / 1000) : `${count}m`;
}

function mebibytes(count: number): string {
  return count % 1024 === 0 ? `${count / 1024}Gi` : `${count}Mi`;
}

function interpolate(curve: readonly (readonly [number, number])[], x: number): number {
  const above = curve.findIndex(([at]) => at >= x);
  if (above === -1) return curve.at(-1)?.[1] ?? 0;
  const [x1, y1] = curve[above] ?? [0, 0];
  const [x0, y0] = curve[above - 1] ?? [x1, y1];
  return x1 === x0 ? y1 : Math.round(y0 + ((x - x0) * (y1 - y0)) / (x1 - x0));
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}

/** Without what is there but undefined, which would hide the default. */
function defined(overrides: Partial<ReservedResources> = {}): Partial<ReservedResources> {
  const entries: [string, string | undefined][] = Object.entries(overrides);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}
