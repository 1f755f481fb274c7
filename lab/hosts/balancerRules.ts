import type { LoadBalancerSpec } from "./loadBalancer";

/** Chains of security groups as the fabric's table names them. */
export interface JudgingChains {
  /** Verdicts by the link that a packet comes from, or goes to. */
  egress: string;
  ingress: string;
  ingressOf: (judged: { securityGroupIds: string[] }) => string;
}

/**
 * What the fabric filters of traffic through load balancers: who may call one is judged before its destination is translated, by the caller's
 * groups on the way out and the load balancer's own (none: everybody may); on the way to the target, by the target's groups, unless the load
 * balancer passes by them. Probes from 100.64.0.0/10 pass all groups by themselves; those from a VIP are judged as what it forwards is.
 */
export function balancerRules(
  loadBalancers: readonly LoadBalancerSpec[],
  chains: JudgingChains,
): {
  sets: [name: string, addresses: string[]][];
  callers: string[];
  forward: string[];
  balanced: string[];
  output: string[];
} {
  if (loadBalancers.length === 0)
    return { sets: [], callers: [], forward: [], balanced: [], output: [] };
  const vips = (specs: readonly LoadBalancerSpec[]): string[] => specs.map(({ vip }) => vip);
  return {
    sets: [
      ["balancers", vips(loadBalancers)],
      ["passing_balancers", vips(loadBalancers.filter(({ passToTarget }) => passToTarget))],
    ],
    callers: [
      "ct direction reply return",
      `ip daddr @balancers iifname vmap ${chains.egress}`,
      ...loadBalancers
        .filter(({ securityGroupIds }) => securityGroupIds.length > 0)
        .map((each) => `ip daddr ${each.vip} jump ${chains.ingressOf(each)}`),
    ],
    forward: [
      "ct original ip daddr @passing_balancers accept",
      "ct original ip daddr @balancers goto balanced",
    ],
    balanced: [`oifname vmap ${chains.ingress}`, "accept"],
    output: [
      `ct direction original ip saddr @balancers ip saddr != @passing_balancers oifname vmap ${chains.ingress}`,
    ],
  };
}
