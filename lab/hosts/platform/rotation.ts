import type { HealthState, ListenerSpec, TargetSpec } from "../loadBalancer";

/**
 * Targets that get new connections: those with a weight whose probes succeed. When no probe succeeds anywhere, all with a weight, as the
 * real load balancer fails open. A target that is still being detected waits for its first successes.
 */
export function inRotation(
  { targets, healthCheck }: ListenerSpec,
  stateOf: (target: TargetSpec) => HealthState,
): TargetSpec[] {
  const weighted = targets.filter(({ weight }) => weight > 0);
  if (!healthCheck) return weighted;
  const alive = weighted.filter((target) => stateOf(target) === "Alive");
  return alive.length > 0 ? alive : weighted;
}

/**
 * One round of weighted round robin: each target as often as its weight says, spread as evenly as can be (the target that is furthest behind
 * its share is next).
 */
export function weightedRound(targets: readonly TargetSpec[]): TargetSpec[] {
  const divisor = targets.reduce((so, { weight }) => greatestCommonDivisor(so, weight), 0);
  const shares = targets.map((target) => ({ target, share: target.weight / divisor, credit: 0 }));
  const total = shares.reduce((sum, { share }) => sum + share, 0);
  return Array.from({ length: total }, () => {
    for (const each of shares) each.credit += each.share;
    const next = shares.reduce((best, each) => (each.credit > best.credit ? each : best));
    next.credit -= total;
    return next.target;
  });
}

/** Next connections of weighted least connections, from how many each target has now. */
export function leastConnections(
  targets: readonly TargetSpec[],
  connectionsOf: (target: TargetSpec) => number,
  length: number,
): TargetSpec[] {
  const loads = targets.map((target) => ({ target, connections: connectionsOf(target) }));
  const loadWithOneMore = ({ target, connections }: (typeof loads)[number]): number =>
    (connections + 1) / target.weight;
  return Array.from({ length: loads.length > 0 ? length : 0 }, () => {
    const next = loads.reduce((best, each) =>
      loadWithOneMore(each) < loadWithOneMore(best) ? each : best,
    );
    next.connections += 1;
    return next.target;
  });
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
