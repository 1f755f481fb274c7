import type { LoadBalancerSpec } from "../../lab/hosts/loadBalancer";
import type { PrivateZoneSpec } from "../../lab/hosts/privateZone";
import { done, makeLoadBalancer } from "./support/clb";
import { makeInstance, makeNetwork, startTestCloud, until, type TestCloud } from "./support/cloud";

/** Longest a test may take, in ms: many calls, on a machine that may be busy. */

let cloud: TestCloud;
let network: { vpcId: string; subnetId: string };

beforeEach(async () => {
  cloud = await startTestCloud();
  network = await makeNetwork(cloud);
});
afterEach(() => cloud.close());

describe("a world is asked to forward", () => {
  let lb: string;
  let instances: string[];

  beforeEach(async () => {
    lb = await makeLoadBalancer(cloud, network);
    instances = await Promise.all([0, 1].map(() => makeInstance(cloud, network)));
  });

  const listen = async (fields: object = {}): Promise<string> => {
    const request = { LoadBalancerId: lb, Ports: [6443], Protocol: "TCP", ...fields };
    return (await done(cloud, cloud.clb.CreateListener(request))).ListenerIds?.[0] as string;
  };
  const balancers = (): LoadBalancerSpec[] => cloud.world.desired.loadBalancers;
  const forwarded = (like: (specs: LoadBalancerSpec[]) => boolean) =>
    until(() => Promise.resolve(balancers()), like);

  test("what a listener and its targets say", async () => {
    const ListenerId = await listen({
      Ports: [443],
      Scheduler: "LEAST_CONN",
      IdleConnectTimeout: 600,
      DeregisterTargetRst: true,
      RescheduleUnhealthy: true,
      RescheduleStartTime: 30,
      HealthCheck: {
        IntervalTime: 3,
        HealthNum: 2,
        UnHealthNum: 2,
        CheckType: "HTTP",
        CheckPort: 6444,
        HttpVersion: "HTTP/1.1",
        HttpCheckDomain: "",
        HttpCheckPath: "/readyz",
        HttpCheckMethod: "GET",
        HttpCode: 2,
        SourceIpType: 0,
      },
    });
    await done(
      cloud,
      cloud.clb.RegisterTargets({
        LoadBalancerId: lb,
        ListenerId,
        Targets: instances.map((InstanceId, n) => ({ InstanceId, Port: 6443, Weight: n * 20 })),
      }),
    );
    const { LoadBalancerSet } = await cloud.clb.DescribeLoadBalancers({ LoadBalancerIds: [lb] });
    const { InstanceSet } = await cloud.cvm.DescribeInstances({ InstanceIds: instances });
    const addressOf = (id: string) =>
      InstanceSet?.find((each) => each.InstanceId === id)?.PrivateIpAddresses?.[0];
    await forwarded(([found]) => found?.listeners[0]?.targets.length === 2);
    expect(balancers()).toEqual([
      {
        loadBalancerId: lb,
        vip: LoadBalancerSet?.[0]?.LoadBalancerVips?.[0],
        vpcId: network.vpcId,
        securityGroupIds: [],
        passToTarget: false,
        listeners: [
          {
            listenerId: ListenerId,
            port: 443,
            scheduler: "LEAST_CONN",
            sticky: false,
            idleSeconds: 600,
            healthCheck: {
              kind: "HTTP",
              timeout: 2,
              interval: 3,
              healthyAfter: 2,
              unhealthyAfter: 2,
              port: 6444,
              source: "vip",
              http: { domain: "", path: "/readyz", method: "GET", version: "HTTP/1.1", codes: 2 },
            },
            reset: { deregistered: true, unhealthy: true, zeroWeight: false, afterSeconds: 30 },
            targets: instances.map((instanceId, n) => ({
              instanceId,
              address: addressOf(instanceId),
              port: 6443,
              weight: n * 20,
            })),
          },
        ],
      },
    ]);
  });

  test("by default round robin, with a TCP check from 100.64.0.0/10, and connections let be", async () => {
    await listen();
    await forwarded(([found]) => found?.listeners.length === 1);
    expect(balancers()[0]?.listeners[0]).toMatchObject({
      scheduler: "WRR",
      sticky: false,
      idleSeconds: 900,
      healthCheck: { kind: "TCP", timeout: 2, interval: 5, source: "range" },
      reset: { deregistered: false, unhealthy: false, zeroWeight: false, afterSeconds: 0 },
      targets: [],
    });
    expect(balancers()[0]?.listeners[0]?.healthCheck).not.toHaveProperty("port");
  });

  test("no UDP, nothing of a public load balancer, no check that is off", async () => {
    await listen({ Protocol: "UDP" });
    await listen({ HealthCheck: { HealthSwitch: 0 }, SessionExpireTime: 60 });
    await makeLoadBalancer(cloud, network, { LoadBalancerType: "OPEN", SubnetId: undefined });
    await forwarded((found) => found.length === 1 && found[0]?.listeners.length === 1);
    expect(balancers()[0]?.listeners[0]).not.toHaveProperty("healthCheck");
    expect(balancers()[0]?.listeners[0]?.sticky).toBe(true);
  });

  test("to the members of a target group", async () => {
    const { TargetGroupId = "" } = await cloud.clb.CreateTargetGroup({
      TargetGroupName: "masters",
      VpcId: network.vpcId,
      Port: 6443,
    });
    const { InstanceSet } = await cloud.cvm.DescribeInstances({ InstanceIds: instances });
    const BindIP = InstanceSet?.[0]?.PrivateIpAddresses?.[0] as string;
    await done(
      cloud,
      cloud.clb.RegisterTargetGroupInstances({
        TargetGroupId,
        TargetGroupInstances: [{ BindIP, Port: 6443 }],
      }),
    );
    const ListenerId = await listen({ TargetType: "TARGETGROUP" });
    await done(
      cloud,
      cloud.clb.AssociateTargetGroups({
        Associations: [{ LoadBalancerId: lb, ListenerId, TargetGroupId }],
      }),
    );
    await forwarded(([found]) => found?.listeners[0]?.targets[0]?.address === BindIP);
    await done(cloud, cloud.clb.DeleteLoadBalancer({ LoadBalancerIds: [lb] }));
    await forwarded((found) => found.length === 0);
  });
});

describe("a world is asked to answer names", () => {
  const zones = (): PrivateZoneSpec[] => cloud.world.desired.privateZones;
  const answered = (like: (specs: PrivateZoneSpec[]) => boolean) =>
    until(() => Promise.resolve(zones()), like);

  test("of zones that are bound, by their enabled records", async () => {
    const VpcSet = [{ UniqVpcId: network.vpcId, Region: "ap-guangzhou" }];
    const { ZoneId = "" } = await cloud.privatedns.CreatePrivateZone({
      Domain: "k8s.test",
      VpcSet,
      DnsForwardStatus: "DISABLED",
    });
    await cloud.privatedns.CreatePrivateZone({ Domain: "unbound.test" });
    const record = { ZoneId, RecordType: "A", SubDomain: "api", TTL: 60 };
    const { RecordId = "" } = await cloud.privatedns.CreatePrivateZoneRecord({
      ...record,
      RecordValue: "10.1.1.9",
    });
    await answered(([zone]) => zone?.records.length === 1);
    const told = { name: "api", type: "A", value: "10.1.1.9", ttl: 60, mx: 0, weight: 0 };
    expect(zones()).toEqual([
      { domain: "k8s.test", vpcIds: [network.vpcId], forward: false, records: [told] },
    ]);
    await cloud.privatedns.ModifyRecordsStatus({
      ZoneId,
      RecordIds: [Number(RecordId)],
      Status: "disabled",
    });
    await answered(([zone]) => zone?.records.length === 0);
    await cloud.privatedns.ModifyPrivateZoneVpc({ ZoneId, VpcSet: [] });
    await answered((found) => found.length === 0);
  });
});
