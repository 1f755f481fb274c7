import { machineSize } from "../plan/instanceTypes";
import { map } from "./answer";
import type { CloudDemand, HostDemand } from "./demand";
import type { Answer, CloudFacts } from "./facts";
import { failed, type Finding, ok, refusedFinding } from "./finding";

/** Whether what is still to be made fits the account's quotas. */
export function quotaFindings(
  demand: CloudDemand,
  missing: HostDemand[],
  facts: CloudFacts,
): Finding[] {
  const { limits, vpcs, securityGroups, placementGroups, addresses } = facts;
  const own = known(vpcs).some(({ cluster }) => cluster === demand.cluster);
  const others = map(facts.subnets, (all) =>
    all.filter(({ cluster }) => cluster !== demand.cluster),
  );
  const subnetsMade =
    demand.existingVpc?.subnets.filter(({ id }) => id === undefined).length ?? demand.zones.length;
  const groups = known(placementGroups).map(({ name }) => name);
  return [
    quota("VPCs", both(limits.vpcs, vpcs), own || demand.existingVpc ? 0 : 1),
    quota("subnets a VPC", both(limits.subnetsPerVpc, others), subnetsMade),
    quota("HAVIPs a VPC", limits.haVipsPerVpc, demand.haVips),
    quota(
      "security groups",
      both(limits.securityGroups, securityGroups),
      absent(demand.securityGroups, known(securityGroups)),
    ),
    quota("rules a security group", limits.rulesPerSecurityGroup, demand.securityGroupRules),
    quota(
      "placement groups",
      limits.placementGroups,
      absent(
        demand.placementGroups.map(({ name }) => name),
        groups,
      ),
    ),
    quota(
      "members a placement group",
      limits.membersPerHostGroup,
      Math.max(0, ...demand.placementGroups.map(({ members }) => members)),
    ),
    ...(demand.loadBalancers.length === 0
      ? []
      : [
          quota(
            "internal load balancers",
            limits.loadBalancers,
            absent(demand.loadBalancers, known(facts.loadBalancers)),
          ),
        ]),
    quota("public addresses", limits.addresses, absent(demand.addresses, known(addresses))),
    ...instanceQuotas(missing, facts),
  ];
}

/** What the quota of instances that are paid for in a way counts. */
const counted: Readonly<
  Record<HostDemand["charge"]["kind"], { what: string; each: (host: HostDemand) => number }>
> = {
  hourly: { what: "instances", each: () => 1 },
  spot: {
    what: "vCPUs of spot instances",
    each: ({ instanceType }) => machineSize(instanceType).cpus,
  },
  prepaid: { what: "prepaid instances", each: () => 1 },
};

function instanceQuotas(missing: HostDemand[], { limits }: CloudFacts): Finding[] {
  const { instances } = limits;
  if ("refused" in instances) return [quota("instances", instances, 0)];
  return instances.value.flatMap((found) => {
    const { zone, kind } = found;
    const wanted = missing.filter((host) => host.zone === zone && host.charge.kind === kind);
    if (wanted.length === 0) return [];
    const { what, each } = counted[kind];
    const count = wanted.reduce((sum, host) => sum + host.names.length * each(host), 0);
    return [quota(`${what} in ${zone}`, { value: found }, count)];
  });
}

/** A limit and how many there are; a number alone is a limit for each, of which none is used. */
type Limit = Answer<number> | Answer<{ limit: number; used: number }>;

function quota(what: string, limit: Limit, wanted: number): Finding {
  const check = `quota of ${what}`;
  if ("refused" in limit) return refusedFinding(check, limit.refused, "warning");
  const { value } = limit;
  const { limit: most, used } = typeof value === "number" ? { limit: value, used: 0 } : value;
  const found = `${wanted} wanted, ${used} of ${most} used`;
  if (used + wanted <= most || wanted === 0) return ok(check, found);
  return failed(
    check,
    found,
    `Remove ${used + wanted - most} that are no longer needed, or ask for a higher quota in the console`,
  );
}

/** A limit, and as used all there are. */
function both(limit: Answer<number>, all: Answer<unknown[]>): Limit {
  if ("refused" in limit) return limit;
  return { value: { limit: limit.value, used: known(all).length } };
}

function known<T>(answer: Answer<T[]>): T[] {
  return "value" in answer ? answer.value : [];
}

function absent(wanted: readonly string[], present: readonly string[]): number {
  return wanted.filter((name) => !present.includes(name)).length;
}
