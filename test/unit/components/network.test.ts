import { HaCluster } from "../../../components/cluster";
import { minimalConfig } from "../plan/fixture";
import { record, type Registered, settled } from "./support/recording";

jest.mock("@pulumi/tencentcloud", () => jest.requireActual<object>("./support/tencentcloud"), {
  virtual: true,
});
jest.mock(
  "@pulumi/tencentcloud/package.json",
  () => ({ pulumi: { parameterization: { version: "1.81.90" } } }),
  { virtual: true },
);

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

test("with another way out of the VPC sources upstream do without", async () => {
  const registered = await registeredBy((config) => {
    Reflect.deleteProperty(config, "sources");
    config.network.nat = false;
  });
  expect(wayOut(registered)).toEqual({});
});
