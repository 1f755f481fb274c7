import { tolerated } from "./quorum";

/** How many of each may be lost before the API or the data is. */
export interface FaultTolerance {
  /** Physical machines, whichever they are. */
  physicalHosts: number;
  /** etcd members. */
  etcdMembers: number;
  /** Masters. */
  masters: number;
  /** Balancers in front of the masters. Absent where the API entry has no hosts of its own. */
  balancers?: number;
}

/** Sizes of the roles, and whether each role's members are on different physical machines. */
export interface SpreadCounts {
  etcd: number;
  masters: number;
  /** Hosts of the API entry that may be lost; undefined where it has none of its own. */
  entry: number | undefined;
  /** True when every role but the workers is in a HOST-or-stricter group with affinity 1. */
  strictlySpread: boolean;
}

/** Hosts of an entry that may be lost, whichever they are, given the sizes of its layers: one fewer than the smallest has. Undefined without any. */
export function layersTolerated(sizes: readonly number[]): number | undefined {
  const layers = sizes.filter((size) => size > 0);
  return layers.length === 0 ? undefined : Math.min(...layers) - 1;
}

/**
 * What may be lost with the API still answering and every acknowledged write kept. With strict groups a physical machine
 * carries at most one member of each role, so it takes at most one of each with it and the weakest role decides. Without
 * them one machine may carry a whole role: then none may be lost, however many members there are.
 */
export function faultTolerance(counts: SpreadCounts): FaultTolerance {
  const etcdMembers = tolerated(counts.etcd);
  const masters = Math.max(0, counts.masters - 1);
  const { entry, strictlySpread } = counts;
  return {
    physicalHosts: strictlySpread ? Math.min(etcdMembers, masters, entry ?? Infinity) : 0,
    etcdMembers,
    masters,
    ...(entry === undefined ? {} : { balancers: entry }),
  };
}
