import * as fc from "fast-check";
import type { ListenerSpec, LoadBalancerSpec } from "../../../../lab/hosts/loadBalancer";
import {
  type DesiredWorld,
  emptyWorld,
  type HostSpec,
  type SecurityGroupRule,
} from "../../../../lab/hosts/types";

/** A host with what matters to the network; the rest is plausible. */
export function host(name: string, privateIp: string, more: Partial<HostSpec> = {}): HostSpec {
  return {
    instanceId: `ins-${name}`,
    hostName: name,
    uuid: "00000000-0000-4000-8000-000000000000",
    zone: "ap-guangzhou-3",
    physicalHost: "host-1",
    cpus: 2,
    memoryMiB: 2048,
    vpcId: "vpc-1",
    subnetId: "subnet-1",
    privateIp,
    subnetCidr: "10.0.1.0/24",
    publicKeys: [],
    power: "running",
    securityGroupIds: [],
    systemDisk: { diskId: "disk-system", sizeGiB: 20 },
    dataDisks: [],
    ...more,
  };
}

export function world(more: Partial<DesiredWorld> = {}): DesiredWorld {
  return { ...structuredClone(emptyWorld), ...more };
}

/** A listener that leads to port 6443 of these hosts, without a check; the rest is plausible. */
export function listener(hosts: HostSpec[], more: Partial<ListenerSpec> = {}): ListenerSpec {
  return {
    listenerId: "lbl-1",
    port: 6443,
    scheduler: "WRR",
    sticky: false,
    idleSeconds: 900,
    reset: { deregistered: false, unhealthy: false, zeroWeight: false, afterSeconds: 0 },
    targets: hosts.map(({ instanceId, privateIp }) => ({
      instanceId,
      address: privateIp,
      port: 6443,
      weight: 10,
    })),
    ...more,
  };
}

export function loadBalancer(more: Partial<LoadBalancerSpec> = {}): LoadBalancerSpec {
  return {
    loadBalancerId: "lb-1",
    vip: "10.0.1.200",
    vpcId: "vpc-1",
    securityGroupIds: [],
    passToTarget: false,
    listeners: [],
    ...more,
  };
}

const groupIds = ["sg-a", "sg-b", "sg-c"];

const anyRule: fc.Arbitrary<SecurityGroupRule> = fc
  .record({
    protocol: fc.constantFrom("TCP" as const, "UDP" as const, "ICMP" as const, "ALL" as const),
    ports: fc.constantFrom("ALL", "22", "80,443", "30000-32767"),
    action: fc.constantFrom("ACCEPT" as const, "DROP" as const),
    peer: fc.oneof(
      fc.record({ cidr: fc.constantFrom("0.0.0.0/0", "10.0.0.0/8", "203.0.113.2/32") }),
      fc.record({ securityGroupId: fc.constantFrom(...groupIds, "sg-gone") }),
    ),
  })
  .map(({ peer, ...rule }) => ({ ...rule, ...peer }));

/** Worlds of a few hosts, groups and HAVIPs, as the cloud could ask for. */
export const anyWorld: fc.Arbitrary<DesiredWorld> = fc
  .record({
    hosts: fc.uniqueArray(
      fc.record({
        index: fc.integer({ min: 2, max: 40 }),
        groups: fc.uniqueArray(fc.constantFrom(...groupIds)),
        isPublic: fc.boolean(),
        isCut: fc.boolean(),
      }),
      { selector: ({ index }) => index, maxLength: 8 },
    ),
    rules: fc.array(
      fc.tuple(fc.array(anyRule, { maxLength: 4 }), fc.array(anyRule, { maxLength: 4 })),
      {
        minLength: 3,
        maxLength: 3,
      },
    ),
    haVip: fc.boolean(),
    route: fc.boolean(),
    balancers: fc.uniqueArray(
      fc.record({
        index: fc.integer({ min: 200, max: 220 }),
        groups: fc.uniqueArray(fc.constantFrom(...groupIds)),
        passToTarget: fc.boolean(),
      }),
      { selector: ({ index }) => index, maxLength: 3 },
    ),
  })
  .map(({ hosts, rules, haVip, route, balancers }) =>
    world({
      hosts: hosts.map(({ index, groups, isPublic, isCut }) =>
        host(`h${index}`, `10.0.1.${index}`, {
          securityGroupIds: groups,
          ...(isPublic && { publicIp: `198.51.100.${index}` }),
          ...(isCut && { linkCut: true }),
        }),
      ),
      securityGroups: groupIds.map((securityGroupId, i) => ({
        securityGroupId,
        ingress: rules[i]?.[0] ?? [],
        egress: rules[i]?.[1] ?? [],
      })),
      haVips: haVip
        ? [
            {
              haVipId: "havip-1",
              vip: "10.0.1.100",
              subnetId: "subnet-1",
              publicIp: "198.51.100.200",
            },
          ]
        : [],
      routes:
        route && hosts[0]
          ? [
              {
                vpcId: "vpc-1",
                destinationCidr: "10.244.0.0/24",
                nextHopIp: `10.0.1.${hosts[0].index}`,
              },
            ]
          : [],
      loadBalancers: balancers.map(({ index, groups, passToTarget }) =>
        loadBalancer({
          loadBalancerId: `lb-${index}`,
          vip: `10.0.1.${index}`,
          securityGroupIds: groups,
          passToTarget,
        }),
      ),
    }),
  );

/** Lines of a chain or a set of a rendered ruleset, without its header. */
export function block(ruleset: string, name: string): string[] {
  const match = new RegExp(`^  (?:chain|set) ${name} \\{\\n([\\s\\S]*?)\\n  \\}$`, "m").exec(
    ruleset,
  );
  if (!match) throw new Error(`no chain or set ${name} in:\n${ruleset}`);
  return (match[1] as string).split("\n").map((line) => line.trim());
}

/** Name of the chain that judges a host's traffic in one direction. */
export function chainOf(
  ruleset: string,
  direction: "ingress" | "egress",
  instanceId: string,
): string {
  const match = new RegExp(`"${instanceId.replace("ins-", "h-")}" : jump (${direction}_\\d+)`).exec(
    ruleset,
  );
  if (!match) throw new Error(`no ${direction} chain of ${instanceId}`);
  return match[1] as string;
}
