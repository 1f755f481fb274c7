import { subnetPrefix } from "../addresses";
import { ports } from "../ports";
import { contains, overlaps, parseCidr } from "../cidr";
import { type Problem } from "../problems";
import { type ReadSections } from "../parse";
import { type NetworkConfig } from "../schema/network";
import { exposureFault } from "./exposure";

/** Range the platform probes and serves from (balancer health checks); nothing of a cluster may lie in it. */
export const platformRange = "100.64.0.0/10";
/** Link-local range: metadata and mirrors of the platform. */
export const linkLocalRange = "169.254.0.0/16";

/** A range and where it was configured. */
export interface NamedRange {
  path: string;
  cidr: string;
}

/** Pairs of ranges that share addresses. Shared by the configuration and the policies. */
export function overlapProblems(ranges: readonly NamedRange[]): Problem[] {
  return ranges.flatMap((a, index) =>
    ranges
      .slice(index + 1)
      .filter((b) => overlaps(parseCidr(a.cidr), parseCidr(b.cidr)))
      .map((b) => ({
        path: a.path,
        message: `${a.cidr} overlaps ${b.cidr} of ${b.path}`,
        fix: `Give ${a.path} a range that shares no address with it`,
      })),
  );
}

/** SSH to the bastion: from declared ranges, never from everybody. */
export function bastionProblems({ bastion }: ReadSections): Problem[] {
  return (bastion?.allowedCidrs ?? []).flatMap((cidr, index) => {
    const fault = exposureFault({ protocol: "TCP", ports: String(ports.ssh), cidr });
    if (fault === undefined) return [];
    const fix = "List the ranges people log in from";
    return [{ path: `bastion.allowedCidrs.${index}`, message: fault.message, fix }];
  });
}

/** Ranges: disjoint, subnets inside the VPC and large enough, enough pod ranges for the nodes. */
export function networkProblems(read: ReadSections): Problem[] {
  const { network } = read;
  if (network === undefined) return [];
  const subnets = network.zones.map(({ subnetCidr }, index) => ({
    path: `network.zones.${index}.subnetCidr`,
    cidr: subnetCidr,
  }));
  return [
    ...overlapProblems([
      { path: "network.podCidr", cidr: network.podCidr },
      { path: "network.serviceCidr", cidr: network.serviceCidr },
      { path: "network.vpcCidr", cidr: network.vpcCidr },
      { path: "the platform", cidr: platformRange },
      { path: "the link-local range", cidr: linkLocalRange },
    ]),
    ...vpcRangeProblems(network.vpcCidr),
    ...overlapProblems(subnets),
    ...subnets.flatMap((subnet) => subnetProblems(subnet, network.vpcCidr)),
    ...serviceRangeProblems(network.serviceCidr),
    ...podRangeProblems(read),
    ...wayOutProblems(network),
    ...subnetIdProblems(network),
    ...linkLocalProblems(network.podLinkLocalCidrs),
  ];
}

/** Ranges a VPC may lie in. */
const vpcRanges = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];

function vpcRangeProblems(vpcCidr: string): Problem[] {
  if (vpcRanges.some((range) => contains(parseCidr(range), parseCidr(vpcCidr)))) return [];
  return [
    {
      path: "network.vpcCidr",
      message: `got ${vpcCidr}, but a VPC lies in ${vpcRanges.join(", ")}`,
      fix: "Use a part of one of these",
    },
  ];
}

function subnetProblems({ path, cidr }: NamedRange, vpcCidr: string): Problem[] {
  const { prefix } = parseCidr(cidr);
  const problems: Problem[] = [];
  if (prefix < subnetPrefix.min || prefix > subnetPrefix.max) {
    problems.push({
      path,
      message: `got a /${prefix}, but addresses are laid out for /${subnetPrefix.min} to /${subnetPrefix.max}`,
      fix: `Use a range from /${subnetPrefix.min} to /${subnetPrefix.max}`,
    });
  }
  if (!contains(parseCidr(vpcCidr), parseCidr(cidr))) {
    problems.push({
      path,
      message: `${cidr} is not inside network.vpcCidr ${vpcCidr}`,
      fix: "Use a part of the VPC's range",
    });
  }
  return problems;
}

/** The way out is a route of the VPC's: in somebody else's it would lead their hosts out, too. */
function wayOutProblems({ existing, nat }: NetworkConfig): Problem[] {
  if (existing === undefined || nat !== true) return [];
  return [
    {
      path: "network.nat",
      message: `got true, but ${existing.vpcId} is not the cluster's, and neither are its routes`,
      fix: "Leave it out; a way out of that VPC is for whoever keeps it to make",
    },
  ];
}

/** A subnet belongs to one zone, and the cluster has one in each. */
function subnetIdProblems({ existing, zones }: NetworkConfig): Problem[] {
  const path = "network.existing.subnetIds";
  const used = zones.map(({ zone }) => zone);
  const given = Object.entries(existing?.subnetIds ?? {});
  return given.flatMap(([zone, id], index) => {
    if (!used.includes(zone)) {
      const message = `the cluster has nothing in this zone; its zones are ${used.join(", ")}`;
      const fix = "Take it out, or add the zone to network.zones with the range of the subnet";
      return [{ path: `${path}.${zone}`, message, fix }];
    }
    const other = given.slice(0, index).find(([, another]) => another === id);
    if (other === undefined) return [];
    const message = `got ${id}, as for ${other[0]}, but a subnet is in one zone`;
    return [{ path: `${path}.${zone}`, message, fix: "Give each zone a subnet that is in it" }];
  });
}

function serviceRangeProblems(serviceCidr: string): Problem[] {
  const { prefix } = parseCidr(serviceCidr);
  if (prefix >= 12 && prefix <= 24) return [];
  const message = `got a /${prefix}, but the API takes /12 to /24`;
  return [{ path: "network.serviceCidr", message, fix: "Use a /16 unless there is a reason" }];
}

function linkLocalProblems(cidrs: readonly string[]): Problem[] {
  return cidrs.flatMap((cidr, index) => {
    if (contains(parseCidr(linkLocalRange), parseCidr(cidr))) return [];
    const path = `network.podLinkLocalCidrs.${index}`;
    const message = `got ${cidr}, which is not in ${linkLocalRange}: pods reach it already`;
    return [{ path, message, fix: "Take it out" }];
  });
}

/** Prefix of one node's share of the pod range. */
export const nodePodPrefix = 24;

function podRangeProblems({ network, masters, workers }: ReadSections): Problem[] {
  if (network === undefined) return [];
  const path = "network.podCidr";
  const { prefix } = parseCidr(network.podCidr);
  if (prefix > nodePodPrefix || nodePodPrefix - prefix > 16) {
    const message = `got a /${prefix}, but every node takes a /${nodePodPrefix} of it`;
    return [{ path, message, fix: "Use a /16 unless there is a reason" }];
  }
  if (masters === undefined || workers === undefined) return [];
  const nodes = workers.reduce((n, pool) => n + pool.members.length, masters.members.length);
  const room = 2 ** (nodePodPrefix - prefix);
  if (nodes <= room) return [];
  const message = `${network.podCidr} has room for ${room} nodes: got ${nodes}`;
  return [{ path, message, fix: "Use a larger range; it cannot be changed later" }];
}
