import { overlaps, readCidr } from "../plan/cidr";
import { tagNames } from "../plan/roles";
import { answer } from "./answer";
import type { CloudClients } from "./clients";
import type { CloudDemand } from "./demand";
import type { Answer, CloudFacts, VpcFact } from "./facts";
import { failed, type Finding, ok, refusedFinding, warning } from "./finding";
import { allPages, textual } from "./pages";

/** All VPCs of the region. */
export function askVpcs({ vpc }: CloudClients): Promise<Answer<VpcFact[]>> {
  return answer("vpc:DescribeVpcs", async () =>
    (await allPages(async (page) => (await vpc.DescribeVpcs(page)).VpcSet, textual)).map(
      ({ VpcId, VpcName, CidrBlock, TagSet }) => ({
        id: VpcId ?? "",
        name: VpcName ?? "",
        cidr: CidrBlock ?? "",
        ...ownerOf(TagSet),
      }),
    ),
  );
}

/** Subnets of the VPC that a cluster is to live in; none where it makes a VPC. */
export async function askSubnets(
  { vpc }: CloudClients,
  { existingVpc }: CloudDemand,
): Promise<Answer<VpcFact[]>> {
  if (existingVpc === undefined) return { value: [] };
  const Filters = [{ Name: "vpc-id", Values: [existingVpc.id] }];
  return answer("vpc:DescribeSubnets", async () =>
    (
      await allPages(
        async (page) => (await vpc.DescribeSubnets({ Filters, ...page })).SubnetSet,
        textual,
      )
    ).map(({ SubnetId, SubnetName, CidrBlock, TagSet }) => ({
      id: SubnetId ?? "",
      name: SubnetName ?? "",
      cidr: CidrBlock ?? "",
      ...ownerOf(TagSet),
    })),
  );
}

/** Whether the cluster's network has a place: pure. */
export function networkFindings(demand: CloudDemand, facts: CloudFacts): Finding[] {
  const { vpcs, subnets } = facts;
  if ("refused" in vpcs) return [];
  return demand.existingVpc === undefined
    ? newVpcFindings(demand, vpcs.value)
    : existingVpcFindings(demand, demand.existingVpc, vpcs.value, subnets);
}

function newVpcFindings({ cluster, vpc }: CloudDemand, vpcs: VpcFact[]): Finding[] {
  const check = `VPC ${vpc.name} ${vpc.cidr}`;
  const others = vpcs.filter((other) => other.cluster !== cluster);
  const sameName = others.filter(({ name }) => name === vpc.name);
  const overlapping = others.filter(({ cidr }) => share(cidr, vpc.cidr));
  const warnings = [
    ...(sameName.length === 0
      ? []
      : [
          warning(
            check,
            `${list(sameName)} has the same name and does not belong to this cluster`,
            "Remove it if it is left over, or give the cluster another name",
          ),
        ]),
    ...(overlapping.length === 0
      ? []
      : [
          warning(
            check,
            `shares addresses with ${list(overlapping)}: the two can never be peered`,
            "Choose another network.vpcCidr if they ever have to reach each other",
          ),
        ]),
  ];
  return warnings.length > 0 ? warnings : [ok(check, "shares no address with another VPC")];
}

function existingVpcFindings(
  { cluster, vpc }: CloudDemand,
  { id, subnets: wanted }: NonNullable<CloudDemand["existingVpc"]>,
  vpcs: VpcFact[],
  subnets: Answer<VpcFact[]>,
): Finding[] {
  const check = `existing VPC ${id}`;
  const found = vpcs.find((each) => each.id === id);
  if (found === undefined) {
    const there = vpcs.length === 0 ? "it has none" : `it has ${list(vpcs)}`;
    const fix = "Set network.existing.vpcId to one of the region, or TENCENTCLOUD_REGION to its";
    return [failed(check, `is not in the region: ${there}`, fix)];
  }
  if (found.cidr !== vpc.cidr) {
    const fix = `Set network.vpcCidr to ${found.cidr}, and the subnets' ranges to parts of it`;
    return [failed(check, `has the range ${found.cidr}, not ${vpc.cidr}`, fix)];
  }
  if ("refused" in subnets) return [refusedFinding(check, subnets.refused, "warning")];
  const others = subnets.value.filter((other) => other.cluster !== cluster);
  const taken = wanted.flatMap(({ name, cidr }) => {
    const by = others.filter((other) => share(other.cidr, cidr));
    const fix = "Give network.zones ranges that no subnet of the VPC has";
    return by.length === 0
      ? []
      : [failed(`subnet ${name} ${cidr}`, `shares addresses with ${list(by)}`, fix)];
  });
  return taken.length > 0
    ? taken
    : [ok(check, `${found.name} ${found.cidr} has room for the cluster's subnets`)];
}

function share(one: string, other: string): boolean {
  const [a, b] = [readCidr(one), readCidr(other)];
  return a !== undefined && b !== undefined && overlaps(a, b);
}

const list = (found: readonly VpcFact[]) =>
  found.map(({ id, cidr }) => `${id} (${cidr})`).join(", ");

function ownerOf(tags: { Key?: string; Value?: string }[] | undefined): { cluster?: string } {
  const cluster = tags?.find(({ Key }) => Key === tagNames.cluster)?.Value;
  return cluster === undefined ? {} : { cluster };
}
