import { overlaps, readCidr } from "../plan/cidr";
import { tagNames } from "../plan/roles";
import { answer } from "./answer";
import type { CloudClients } from "./clients";
import type { SubnetPlan } from "../plan/model";
import type { CloudDemand, HostDemand } from "./demand";
import type { Answer, CloudFacts, SubnetFact, UsedAddress, VpcFact } from "./facts";
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

/** Most addresses that one question may name. */
const maxAddresses = 100;

/** Subnets of the VPC that a cluster is to live in; none where it makes a VPC. */
export async function askSubnets(
  { vpc }: CloudClients,
  { existingVpc }: CloudDemand,
): Promise<Answer<SubnetFact[]>> {
  if (existingVpc === undefined) return { value: [] };
  const Filters = [{ Name: "vpc-id", Values: [existingVpc.id] }];
  return answer("vpc:DescribeSubnets", async () =>
    (
      await allPages(
        async (page) => (await vpc.DescribeSubnets({ Filters, ...page })).SubnetSet,
        textual,
      )
    ).map(({ SubnetId, SubnetName, CidrBlock, Zone, TagSet }) => ({
      id: SubnetId ?? "",
      name: SubnetName ?? "",
      cidr: CidrBlock ?? "",
      zone: Zone ?? "",
      ...ownerOf(TagSet),
    })),
  );
}

/** Which of the cluster's addresses somebody has in subnets that are there already, the cluster itself included. */
export async function askUsedAddresses(
  { vpc }: CloudClients,
  { existingVpc, addressesThere }: CloudDemand,
): Promise<Answer<UsedAddress[]>> {
  if (existingVpc === undefined) return { value: [] };
  const VpcId = existingVpc.id;
  const bySubnet = existingVpc.subnets.flatMap(({ id: SubnetId }) => {
    const wanted = addressesThere.filter(({ subnetId }) => subnetId === SubnetId);
    const addresses = wanted.map(({ address }) => address);
    return Array.from({ length: Math.ceil(addresses.length / maxAddresses) }, (_, index) => ({
      ...{ VpcId, SubnetId, Offset: 0, Limit: maxAddresses },
      IpAddresses: addresses.slice(index * maxAddresses, (index + 1) * maxAddresses),
    }));
  });
  return answer("vpc:DescribeUsedIpAddress", async () => {
    const found = await Promise.all(bySubnet.map((asked) => vpc.DescribeUsedIpAddress(asked)));
    return found.flatMap(({ IpAddressStates = [] }) =>
      IpAddressStates.map(({ IpAddress, ResourceType, ResourceId }) => ({
        address: IpAddress,
        by: [ResourceType, ResourceId].filter(Boolean).join(" "),
      })),
    );
  });
}

/** Whether the cluster's network has a place: pure. @param missing Hosts that are still to be made. */
export function networkFindings(
  demand: CloudDemand,
  missing: readonly HostDemand[],
  facts: CloudFacts,
): Finding[] {
  const { vpcs } = facts;
  if ("refused" in vpcs) return [];
  if (demand.existingVpc === undefined) return newVpcFindings(demand, vpcs.value);
  const findings = existingVpcFindings(demand, demand.existingVpc, vpcs.value, facts.subnets);
  return findings.some(({ result }) => result === "failed")
    ? findings
    : [...findings, ...addressFindings(demand, missing, facts.usedAddresses)];
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
  subnets: Answer<SubnetFact[]>,
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
  const made = wanted.filter((each) => each.id === undefined);
  const taken = made.flatMap(({ name, cidr }) => {
    const by = others.filter((other) => share(other.cidr, cidr));
    const fix =
      "Give network.zones ranges that no subnet of the VPC has, or have the cluster live in that one (network.existing.subnetIds)";
    return by.length === 0
      ? []
      : [failed(`subnet ${name} ${cidr}`, `shares addresses with ${list(by)}`, fix)];
  });
  if (made.length > 0 && taken.length === 0)
    taken.push(ok(check, `${found.name} ${found.cidr} has room for the cluster's subnets`));
  return [
    ...taken,
    ...wanted.flatMap((each) =>
      each.id === undefined ? [] : [existingSubnetFinding(each, each.id, id, subnets.value)],
    ),
  ];
}

/** Whether a subnet that is there is the one that the configuration tells of. */
function existingSubnetFinding(
  { zone, cidr }: SubnetPlan,
  id: string,
  vpcId: string,
  subnets: readonly SubnetFact[],
): Finding {
  const check = `existing subnet ${id}`;
  const setting = `network.existing.subnetIds.${zone}`;
  const found = subnets.find((each) => each.id === id);
  const there = subnets.filter((each) => each.zone === zone);
  const others = there.length === 0 ? "none" : list(there);
  if (found?.zone !== zone) {
    const message =
      found === undefined
        ? `is not in ${vpcId}, which has ${others} in ${zone}`
        : `is in ${found.zone}, not in ${zone}, where ${vpcId} has ${others}`;
    return failed(check, message, `Set ${setting} to one of these, or leave it out`);
  }
  if (found.cidr !== cidr) {
    const fix = `Set the subnetCidr of ${zone} in network.zones to ${found.cidr}`;
    return failed(check, `has the range ${found.cidr}, not ${cidr}`, fix);
  }
  return ok(check, `${found.name} ${found.cidr} in ${zone}`);
}

/** Whether the addresses of what is still to be made are free in subnets that others use, too. */
function addressFindings(
  { addressesThere, isNew }: CloudDemand,
  missing: readonly HostDemand[],
  used: Answer<UsedAddress[]>,
): Finding[] {
  if (addressesThere.length === 0) return [];
  const check = "addresses in existing subnets";
  if ("refused" in used) return [refusedFinding(check, used.refused, "warning")];
  const unmade = new Set(missing.flatMap(({ names }) => names));
  const wanted = addressesThere.filter(({ host }) =>
    host === undefined ? isNew === true : unmade.has(host),
  );
  const taken = wanted.flatMap(({ host = "the entry", address }) =>
    used.value
      .filter((each) => each.address === address)
      .map(({ by }) =>
        failed(
          `address ${address} of ${host}`,
          `is taken by ${by}`,
          "Move or remove what has it, or choose another address: of a pool by addressBlock, of a member by its key, of the entry by entry.vip",
        ),
      ),
  );
  return taken.length > 0 ? taken : [ok(check, `${wanted.length} are free`)];
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
