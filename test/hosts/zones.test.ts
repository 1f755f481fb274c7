import { rmSync } from "node:fs";
import { startCloud, type RunningCloud } from "../../lab/cloud";
import { inventoryOf } from "../../lab/cloud/settings";
import { sweep } from "../../lab/hosts/leftovers";
import { adminCall, clientsFor, credential, debian, stateOf, until } from "../cloud/support/cloud";
import { done, makeLoadBalancer } from "../cloud/support/clb";
import { TestLab } from "./lab";

// The whole way: calls of the API to a cloud with three zones, real hosts behind it.
const lab = new TestLab("zones");
const zones = ["ap-guangzhou-3", "ap-guangzhou-4", "ap-guangzhou-6"] as const;
let cloud: RunningCloud;
let clients: ReturnType<typeof clientsFor>;
let vpcId: string;
/** By zone: an instance there. */
const instances: { id: string; ip: string; subnetId: string }[] = [];

const admin = (method: string, route: string): Promise<unknown> =>
  adminCall(cloud.adminPort as number, method, route);
const pings = async (from: number, to: number): Promise<boolean> => {
  const { id } = instances[from] as { id: string };
  return (await lab.on(id, `ping -c1 -W2 ${instances[to]?.ip ?? ""}`)).code === 0;
};

/** A subnet in a zone, and an instance in that. */
async function makeIn(zone: string, index: number): Promise<void> {
  const { Subnet } = await clients.vpc.CreateSubnet({
    VpcId: vpcId,
    SubnetName: zone,
    CidrBlock: `10.1.${index + 1}.0/24`,
    Zone: zone,
  });
  const subnetId = Subnet?.SubnetId as string;
  const { SecurityGroup } = await clients.vpc.CreateSecurityGroup({
    GroupName: zone,
    GroupDescription: zone,
  });
  const rule = { Protocol: "ALL", Port: "ALL", CidrBlock: "10.1.0.0/16", Action: "ACCEPT" };
  await clients.vpc.ModifySecurityGroupPolicies({
    SecurityGroupId: SecurityGroup?.SecurityGroupId as string,
    SecurityGroupPolicySet: { Ingress: [rule], Egress: [rule] },
  });
  const { InstanceIdSet } = await clients.cvm.RunInstances({
    Placement: { Zone: zone },
    ImageId: debian,
    InstanceType: "S5.SMALL2",
    VirtualPrivateCloud: { VpcId: vpcId, SubnetId: subnetId },
    SecurityGroupIds: [SecurityGroup?.SecurityGroupId as string],
  });
  const id = InstanceIdSet?.[0] as string;
  await until(
    () => stateOf(clients, id),
    (state) => state === "RUNNING",
    120_000,
  );
  const { InstanceSet } = await clients.cvm.DescribeInstances({ InstanceIds: [id] });
  const ip = InstanceSet?.[0]?.PrivateIpAddresses?.[0] as string;
  instances[index] = { id, ip, subnetId };
}

beforeAll(async () => {
  await sweep(lab.id);
  rmSync(lab.dir, { recursive: true, force: true });
  cloud = await startCloud(
    {
      stateDir: `${lab.dir}/cloud`,
      credentials: [credential],
      api: { port: 0 },
      admin: { port: 0 },
      rateLimits: false,
      inventory: inventoryOf(3),
    },
    await lab.open(),
    (line) => lab.log.push(line),
  );
  clients = clientsFor(cloud.apiPort);
  const { Vpc } = await clients.vpc.CreateVpc({ VpcName: "net", CidrBlock: "10.1.0.0/16" });
  vpcId = Vpc?.VpcId as string;
  for (const [index, zone] of zones.entries()) await makeIn(zone, index);
  await Promise.all(instances.map(({ id }) => lab.sshUp(id)));
}, 600_000);

afterAll(async () => {
  await cloud.close();
  await lab.world.close({ keepDisks: false });
  rmSync(lab.dir, { recursive: true, force: true });
}, 120_000);

it("instances of three zones stand on hosts of their own zones and reach each other", async () => {
  const placement = (await admin("GET", "/placement")) as { zone: string; rack: string }[];
  expect(placement.map(({ zone, rack }) => rack.startsWith(`${zone}/`))).toEqual([
    true,
    true,
    true,
  ]);
  expect(new Set(placement.map(({ zone }) => zone))).toEqual(new Set(zones));
  for (const [from, to] of [
    [0, 1],
    [1, 2],
    [2, 0],
  ] as const)
    expect(await pings(from, to)).toBe(true);
}, 120_000);

it("a load balancer forwards over zones and goes on without one; what is lost with it is Dead, and back when it is revived", async () => {
  const lb = await makeLoadBalancer(clients, {
    vpcId,
    subnetId: instances[0]?.subnetId as string,
  });
  const { ListenerIds } = await done(
    clients,
    clients.clb.CreateListener({
      LoadBalancerId: lb,
      Ports: [80],
      Protocol: "TCP",
      HealthCheck: { TimeOut: 2, IntervalTime: 3, HealthNum: 2, UnHealthNum: 2 },
    }),
  );
  const members = instances.slice(1).map(({ id }) => id);
  await done(
    clients,
    clients.clb.RegisterTargets({
      LoadBalancerId: lb,
      ListenerId: ListenerIds?.[0] as string,
      Targets: members.map((InstanceId) => ({ InstanceId, Port: 22 })),
    }),
  );
  const health = async (): Promise<string> => {
    const { LoadBalancers } = await clients.clb.DescribeTargetHealth({ LoadBalancerIds: [lb] });
    const targets = LoadBalancers?.[0]?.Listeners?.[0]?.Rules?.[0]?.Targets ?? [];
    return targets.map((each) => each.HealthStatusDetail).join();
  };
  await until(health, (found) => found === "Alive,Alive", 60_000);
  const { LoadBalancerSet } = await clients.clb.DescribeLoadBalancers({ LoadBalancerIds: [lb] });
  const vip = LoadBalancerSet?.[0]?.LoadBalancerVips?.[0] as string;
  const dials = async (): Promise<boolean[]> => {
    const client = instances[0]?.id as string;
    const answers: boolean[] = [];
    for (let n = 0; n < 4; n++) answers.push(await lab.dials(client, vip, 80));
    return answers;
  };
  expect(await dials()).toEqual([true, true, true, true]);

  // The second zone, by its number.
  await admin("POST", "/zones/2/kill");
  expect(await pings(0, 1)).toBe(false);
  expect(await pings(0, 2)).toBe(true);
  await until(health, (found) => found === "Dead,Alive", 60_000);
  expect(await dials()).toEqual([true, true, true, true]);
  const hosts = (await admin("GET", "/hosts")) as { zone: string; power: string }[];
  expect(hosts.filter(({ power }) => power === "failed").map(({ zone }) => zone)).toEqual([
    zones[1],
    zones[1],
  ]);

  await admin("POST", "/zones/2/start");
  await until(health, (found) => found === "Alive,Alive", 120_000);
  expect(await pings(1, 0)).toBe(true);
}, 300_000);
