import { type ClusterPlan, type Taint } from "../plan/cluster";
import { sharedName } from "../plan/names";

/** A taint as kubectl takes it. */
function taintText({ key, value, effect }: Taint): string {
  return `${key}${value === undefined ? "" : `=${value}`}:${effect}`;
}

/**
 * What the nodes of each pool carry, a line an item: the prefix of their names, `label` or `taint`, and it. By pool, so that a worker more
 * changes nothing of it.
 */
export function renderNodeSettings({ config }: Pick<ClusterPlan, "config">): string {
  return config.workers
    .flatMap(({ pool, labels, taints }) =>
      [
        ...Object.entries(labels).map(([key, value]) => ["label", `${key}=${value}`]),
        ...taints.map((taint) => ["taint", taintText(taint)]),
      ].map((item) => `${[sharedName(config.name, pool), ...item].join(" ")}\n`),
    )
    .join("");
}
