import { HaCluster } from "../../../components/cluster";
import { minimalConfig } from "../plan/fixture";
import { record, type Registered, settled } from "./support/recording";

async function registeredBy(change: (config: ReturnType<typeof minimalConfig>) => unknown) {
  const registered = await record();
  const config = minimalConfig();
  change(config);
  new HaCluster(config.name, { config });
  await settled(registered);
  return registered;
}

/** What leads out of the VPC, by type. */
const wayOut = (registered: Registered[]) =>
  Object.fromEntries(
    registered
      .filter(({ name }) => name === "prod-nat")
      .map(({ type, inputs }) => [type.split(":").at(-1) ?? type, inputs] as const),
  );

const ofType = (registered: Registered[], type: string) =>
  registered.filter((each) => each.type.split(":").at(-1) === type);

const tags = { "kubernetes-ha/cluster": "prod" };
const all = {
  Eip: {
    name: "prod-nat",
    internetChargeType: "TRAFFIC_POSTPAID_BY_HOUR",
    internetMaxBandwidthOut: 100,
    tags,
  },
  NatGateway: { name: "prod-nat", vpcId: "Vpc-prod", assignedEipSets: ["198.51.100.7"], tags },
  RouteTableEntry: {
    routeTableId: "rtb-main",
    destinationCidrBlock: "0.0.0.0/0",
    nextType: "NAT",
    nextHub: "NatGateway-prod-nat",
    description: "hosts and pods out of the VPC",
  },
};

test("sources upstream come with a NAT gateway, its address and the default route of all subnets", async () => {
  const registered = await registeredBy((config) => Reflect.deleteProperty(config, "sources"));
  expect(wayOut(registered)).toEqual(all);
});

test("a mirror does without; with network.nat it has one as well", async () => {
  expect(wayOut(await registeredBy(() => undefined))).toEqual({});
  expect(wayOut(await registeredBy(({ network }) => (network.nat = true)))).toEqual(all);
});

test("in an existing VPC the cluster makes its own subnets, no VPC, and no way out", async () => {
  const registered = await registeredBy((config) => {
    Reflect.deleteProperty(config, "sources");
    config.network.existing = { vpcId: "vpc-8f3ka92p" };
  });
  expect(ofType(registered, "Vpc")).toEqual([]);
  expect(wayOut(registered)).toEqual({});
  const subnets = ofType(registered, "Subnet").map(({ inputs }) => inputs["vpcId"]);
  const machines = ofType(registered, "Instance").map(({ inputs }) => inputs["vpcId"]);
  expect(new Set([...subnets, ...machines])).toEqual(new Set(["vpc-8f3ka92p"]));
});

test("in an existing subnet the cluster makes none: hosts and entry are in that one, and its zone is fixed for itself", async () => {
  const subnetIds = { "ap-guangzhou-3": "subnet-2k8fw1pq" };
  const registered = await registeredBy(({ network }) => {
    network.existing = { vpcId: "vpc-8f3ka92p", subnetIds };
    network.zones.push({ zone: "ap-guangzhou-4", subnetCidr: "10.0.16.0/20" });
  });
  expect(ofType(registered, "Subnet").map(({ inputs }) => inputs["availabilityZone"])).toEqual([
    "ap-guangzhou-4",
  ]);
  const inside = [...ofType(registered, "Instance"), ...ofType(registered, "HaVip")];
  expect(new Set(inside.map(({ inputs }) => inputs["subnetId"]))).toEqual(
    new Set(["subnet-2k8fw1pq"]),
  );
  const fixed = registered.filter(({ name }) => name.includes("fixed-network.existing.subnetIds"));
  expect(fixed.map(({ name, inputs }) => [name, inputs["triggers"]])).toEqual([
    ["prod-fixed-network.existing.subnetIds.ap-guangzhou-3", ['"subnet-2k8fw1pq"']],
    ["prod-fixed-network.existing.subnetIds.ap-guangzhou-4", [""]],
  ]);
});

test("a bastion without an address outside is reached at its private one, and no address is ordered", async () => {
  const registered = await registeredBy(({ bastion }) => (bastion.publicAddress = false));
  expect(ofType(registered, "Eip")).toEqual([]);
  expect(ofType(registered, "EipAssociation")).toEqual([]);
  const [bastion] = registered.filter(({ name }) => name === "prod-bastion-1");
  const step = registered.find(({ name }) => name === "prod-master-1-prepare");
  expect(step?.inputs["connection"]).toMatchObject({
    proxy: { host: bastion?.inputs["privateIp"] as string },
  });
});

test("with another way out of the VPC sources upstream do without", async () => {
  const registered = await registeredBy((config) => {
    Reflect.deleteProperty(config, "sources");
    config.network.nat = false;
  });
  expect(wayOut(registered)).toEqual({});
});
