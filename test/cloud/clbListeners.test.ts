import { isDeepStrictEqual } from "node:util";

import {
  makeInstance,
  makeNetwork,
  outcome,
  startTestCloud,
  stateOf,
  until,
  type TestCloud,
} from "./support/cloud";
import { done, makeLoadBalancer } from "./support/clb";

/** Longest a test may take, in ms: many calls, on a machine that may be busy. */

let cloud: TestCloud;
let network: { vpcId: string; subnetId: string };
let lb: string;

beforeEach(async () => {
  cloud = await startTestCloud({ quotas: { targetsPerListener: 22 } });
  network = await makeNetwork(cloud);
  lb = await makeLoadBalancer(cloud, network, { LoadBalancerName: "api" });
});
afterEach(() => cloud.close());

const listen = (fields: object = {}) =>
  cloud.clb.CreateListener({
    LoadBalancerId: lb,
    Ports: [6443],
    Protocol: "TCP",
    ListenerNames: ["api"],
    ...fields,
  });
const makeListener = async (fields: object = {}): Promise<string> =>
  (await done(cloud, listen(fields))).ListenerIds?.[0] as string;
const described = async (id: string) =>
  (await cloud.clb.DescribeListeners({ LoadBalancerId: lb, ListenerIds: [id] })).Listeners?.[0];

describe("listener", () => {
  test("lives: defaults, list, change of what is named, delete", async () => {
    const id = await makeListener();
    expect(await described(id)).toMatchObject({
      ListenerName: "api",
      Protocol: "TCP",
      Port: 6443,
      EndPort: 0,
      Scheduler: "WRR",
      SessionExpireTime: 0,
      SniSwitch: 0,
      TargetType: "NODE",
      IdleConnectTimeout: 900,
      MaxConn: -1,
      Certificate: null,
      Rules: [],
      HealthCheck: {
        HealthSwitch: 1,
        TimeOut: 2,
        IntervalTime: 5,
        HealthNum: 3,
        UnHealthNum: 3,
        CheckType: "TCP",
        CheckPort: -1,
        SourceIpType: 1,
      },
    });
    const other = await makeListener({ Ports: [53], Protocol: "udp", ListenerNames: undefined });
    expect(await described(other)).toMatchObject({
      Protocol: "UDP",
      IdleConnectTimeout: 300,
      HealthCheck: { CheckType: "PING" },
    });
    const list = async (request: object) =>
      (await cloud.clb.DescribeListeners({ LoadBalancerId: lb, ...request })).Listeners?.map(
        (each) => each.ListenerId,
      );
    expect(await list({})).toEqual([id, other]);
    expect(await list({ Protocol: "UDP" })).toEqual([other]);
    expect(await list({ Port: 6443 })).toEqual([id]);
    expect(await list({ ListenerIds: ["lbl-00000000"] })).toEqual([]);

    const change = (fields: object) =>
      done(cloud, cloud.clb.ModifyListener({ LoadBalancerId: lb, ListenerId: id, ...fields }));
    await change({
      ListenerName: "renamed",
      Scheduler: "LEAST_CONN",
      SessionExpireTime: 60,
      RescheduleUnhealthy: true,
      RescheduleStartTime: 10,
      DeregisterTargetRst: true,
      HealthCheck: {
        IntervalTime: 3,
        CheckType: "HTTP",
        CheckPort: 6444,
        HttpVersion: "HTTP/1.1",
        HttpCheckDomain: "",
        HttpCheckPath: "/readyz",
        HttpCode: 2,
      },
    });
    const changed = {
      ListenerName: "renamed",
      Scheduler: "LEAST_CONN",
      SessionExpireTime: 60,
      DeregisterTargetRst: true,
      RescheduleStartTime: 10,
      HealthCheck: {
        TimeOut: 2,
        IntervalTime: 3,
        CheckType: "HTTP",
        CheckPort: 6444,
        HttpCheckPath: "/readyz",
        HttpCheckMethod: "HEAD",
        HttpCode: 2,
      },
    };
    expect(await described(id)).toMatchObject(changed);
    await change({ HealthCheck: { HealthNum: 2 } });
    expect((await described(id))?.HealthCheck).toMatchObject({
      ...changed.HealthCheck,
      HealthNum: 2,
    });
    await change({ HealthCheck: { CheckType: "TCP", HealthSwitch: 0 } });
    expect((await described(id))?.HealthCheck).toMatchObject({
      HealthSwitch: 0,
      CheckType: "TCP",
      HttpCheckPath: "",
    });

    await done(cloud, cloud.clb.DeleteListener({ LoadBalancerId: lb, ListenerId: id }));
    expect(await list({})).toEqual([other]);
    await done(cloud, cloud.clb.DeleteLoadBalancer({ LoadBalancerIds: [lb] }));
    expect(await cloud.admin("GET", "/resources")).toMatchObject({
      loadBalancers: [],
      listeners: [],
    });
  });

  test("several ports at once, and one listener a protocol and port", async () => {
    const { ListenerIds } = await done(
      cloud,
      listen({ Ports: [80, 443], ListenerNames: ["http", "https"] }),
    );
    expect(ListenerIds).toHaveLength(2);
    expect(await described(ListenerIds?.[1] as string)).toMatchObject({
      Port: 443,
      ListenerName: "https",
    });
    expect(await outcome(listen({ Ports: [443] }))).toBe("InvalidParameter.PortCheckFailed");
    expect(await outcome(listen({ Ports: [8443, 8443], ListenerNames: ["a", "b"] }))).toBe(
      "InvalidParameter.PortCheckFailed",
    );
    expect(await outcome(listen({ Ports: [443], Protocol: "UDP" }))).toBe("ok");
  });

  const check = (fields: object): object => ({ HealthCheck: fields });
  test.each<[string, object, string]>([
    ["no load balancer", { LoadBalancerId: "lb-00000000" }, "InvalidParameter.LBIdNotFound"],
    ["a wrong id", { LoadBalancerId: "lb" }, "InvalidParameter.FormatError"],
    ["port 0", { Ports: [0] }, "InvalidParameter.PortCheckFailed"],
    ["port 65536", { Ports: [65536] }, "InvalidParameter.PortCheckFailed"],
    ["no port", { Ports: [], ListenerNames: [] }, "InvalidParameterValue.Length"],
    ["too many names", { ListenerNames: ["a", "b"] }, "InvalidParameterValue.Length"],
    ["a long name", { ListenerNames: ["x".repeat(81)] }, "InvalidParameterValue.Length"],
    ["no such protocol", { Protocol: "SCTP" }, "InvalidParameterValue"],
    ["a protocol of layer 7", { Protocol: "HTTPS" }, "UnsupportedOperation"],
    ["no such scheduler", { Scheduler: "RANDOM" }, "InvalidParameterValue"],
    ["a short session", { SessionExpireTime: 29 }, "InvalidParameterValue"],
    ["a long session", { SessionExpireTime: 3601 }, "InvalidParameterValue"],
    ["QUIC sessions on TCP", { SessionType: "QUIC_CID" }, "InvalidParameterValue"],
    ["a long idle time", { IdleConnectTimeout: 901 }, "InvalidParameterValue"],
    ["a connection limit", { MaxConn: 100 }, "InvalidParameterValue"],
    ["a late reschedule", { RescheduleStartTime: 3601 }, "InvalidParameterValue"],
    ["a certificate", { Certificate: { CertId: "x" } }, "UnsupportedOperation"],
    ["a range of ports", { EndPort: 7000 }, "UnsupportedOperation"],
    ["TimeOut 1", check({ TimeOut: 1 }), "InvalidParameterValue"],
    ["TimeOut 61", check({ TimeOut: 61, IntervalTime: 300 }), "InvalidParameterValue"],
    ["IntervalTime 1", check({ IntervalTime: 1 }), "InvalidParameterValue"],
    ["IntervalTime 301", check({ IntervalTime: 301 }), "InvalidParameterValue"],
    ["TimeOut as long as IntervalTime", check({ TimeOut: 5 }), "InvalidParameterValue"],
    ["HealthNum 1", check({ HealthNum: 1 }), "InvalidParameterValue"],
    ["UnHealthNum 11", check({ UnHealthNum: 11 }), "InvalidParameterValue"],
    ["CheckPort 0", check({ CheckPort: 0 }), "InvalidParameterValue"],
    ["a ping of TCP", check({ CheckType: "PING" }), "InvalidParameterValue"],
    [
      "HTTP without a version",
      check({ CheckType: "HTTP", HttpCheckDomain: "" }),
      "MissingParameter",
    ],
    [
      "HTTP without a domain",
      check({ CheckType: "HTTP", HttpVersion: "HTTP/1.1" }),
      "MissingParameter",
    ],
    [
      "HTTP with POST",
      check({
        CheckType: "HTTP",
        HttpVersion: "HTTP/1.1",
        HttpCheckDomain: "",
        HttpCheckMethod: "POST",
      }),
      "InvalidParameterValue",
    ],
    ["CUSTOM without content", check({ CheckType: "CUSTOM" }), "MissingParameter"],
    [
      "CUSTOM with half a byte",
      check({ CheckType: "CUSTOM", ContextType: "HEX", SendContext: "ABC", RecvContext: "AB" }),
      "InvalidParameterValue",
    ],
    ["a field the model has not", { Colour: "red" }, "UnknownParameter"],
  ])("with %s is refused", async (_, fields, code) => {
    expect(await outcome(listen(fields))).toBe(code);
    expect(await cloud.admin("GET", "/resources")).toMatchObject({ listeners: [] });
  });

  test("is found only at its own load balancer", async () => {
    const id = await makeListener();
    const LoadBalancerId = await makeLoadBalancer(cloud, network);
    const codes = [
      cloud.clb.ModifyListener({ LoadBalancerId, ListenerId: id, ListenerName: "x" }),
      cloud.clb.DeleteListener({ LoadBalancerId, ListenerId: id }),
      cloud.clb.DeleteListener({ LoadBalancerId: lb, ListenerId: "lbl-00000000" }),
      cloud.clb.DescribeListeners({ LoadBalancerId: "lb-00000000" }),
    ].map(outcome);
    expect(await Promise.all(codes)).toEqual([
      "InvalidParameter.ListenerIdNotFound",
      "InvalidParameter.ListenerIdNotFound",
      "InvalidParameter.ListenerIdNotFound",
      "InvalidParameter.LBIdNotFound",
    ]);
  });
});

describe("targets", () => {
  let listener: string;
  let instances: string[];

  beforeEach(async () => {
    listener = await makeListener();
    instances = await Promise.all([0, 1].map(() => makeInstance(cloud, network)));
  });

  const target = (n: number, fields: object = {}) => ({
    InstanceId: instances[n] as string,
    Port: 6443,
    ...fields,
  });
  const call = (Targets: object[], fields: object = {}) => ({
    LoadBalancerId: lb,
    ListenerId: listener,
    Targets: Targets as ReturnType<typeof target>[],
    ...fields,
  });
  const register = (targets: object[], fields: object = {}) =>
    cloud.clb.RegisterTargets(call(targets, fields));
  const targets = async (fields: object = {}) =>
    (await cloud.clb.DescribeTargets({ LoadBalancerId: lb, ...fields })).Listeners?.flatMap(
      (each) => each.Targets ?? [],
    );
  const health = async () => {
    const { LoadBalancers } = await cloud.clb.DescribeTargetHealth({ LoadBalancerIds: [lb] });
    return LoadBalancers?.[0]?.Listeners?.[0]?.Rules?.[0]?.Targets?.map(
      (each) => [each.TargetId, each.HealthStatus, each.HealthStatusDetail] as const,
    );
  };

  test("live: bound, read, weighed, unbound", async () => {
    await done(cloud, register([target(0), target(1, { Weight: 20, Tag: "b" })]));
    const { InstanceSet } = await cloud.cvm.DescribeInstances({ InstanceIds: instances });
    const ips = instances.map(
      (id) =>
        InstanceSet?.find((each) => each.InstanceId === id)?.PrivateIpAddresses?.[0] as string,
    );
    expect(await targets()).toMatchObject([
      {
        Type: "CVM",
        InstanceId: instances[0],
        Port: 6443,
        Weight: 10,
        PrivateIpAddresses: [ips[0]],
      },
      { Type: "CVM", InstanceId: instances[1], Port: 6443, Weight: 20, Tag: "b" },
    ]);
    const byIp = { Filters: [{ Name: "private-ip-address", Values: [ips[1] as string] }] };
    expect(await targets(byIp)).toMatchObject([{ InstanceId: instances[1] }]);
    expect(await targets({ Protocol: "UDP" })).toEqual([]);
    expect(await outcome(targets({ Filters: [{ Name: "colour", Values: ["red"] }] }))).toBe(
      "InvalidParameterValue.InvalidFilter",
    );
    const bound = await cloud.clb.DescribeLoadBalancers({
      BackendPrivateIps: [ips[0] as string],
      WithRs: 1,
    });
    expect(bound.LoadBalancerSet).toMatchObject([{ LoadBalancerId: lb, TargetCount: 2 }]);

    await done(
      cloud,
      cloud.clb.ModifyTargetWeight(call([target(0), target(1, { Weight: 0 })], { Weight: 50 })),
    );
    expect((await targets())?.map((each) => each.Weight)).toEqual([50, 0]);
    await done(cloud, cloud.clb.DeregisterTargets(call([target(0)])));
    expect(await targets()).toMatchObject([{ InstanceId: instances[1] }]);
    expect(await outcome(cloud.clb.DeregisterTargets(call([target(0)])))).toBe("InvalidParameter");
    expect(await outcome(cloud.clb.ModifyTargetWeight(call([target(0)])))).toBe("InvalidParameter");
  });

  test.each<[string, () => object[], object, string]>([
    ["none", () => [], {}, "InvalidParameterValue.Length"],
    [
      "21",
      () => Array.from({ length: 21 }, (_, n) => target(0, { Port: n + 1 })),
      {},
      "InvalidParameterValue.Length",
    ],
    ["one twice", () => [target(0), target(0)], {}, "InvalidParameterValue.Duplicate"],
    ["port 0", () => [target(0, { Port: 0 })], {}, "InvalidParameterValue"],
    ["weight 101", () => [target(0, { Weight: 101 })], {}, "InvalidParameterValue"],
    ["weight -1", () => [target(0, { Weight: -1 })], {}, "InvalidParameterValue"],
    ["no instance", () => [{ Port: 1 }], {}, "MissingParameter"],
    ["an address", () => [{ Port: 1, EniIp: "10.1.1.9" }], {}, "UnsupportedOperation"],
    ["both", () => [target(0, { EniIp: "10.1.1.9" })], {}, "InvalidParameter"],
    [
      "an unknown instance",
      () => [target(0, { InstanceId: "ins-00000000" })],
      {},
      "InvalidParameterValue",
    ],
    [
      "a wrong id",
      () => [target(0, { InstanceId: "10.1.1.9" })],
      {},
      "InvalidParameter.FormatError",
    ],
    ["a rule", () => [target(0)], { LocationId: "loc-00000000" }, "UnsupportedOperation"],
    [
      "no listener",
      () => [target(0)],
      { ListenerId: "lbl-00000000" },
      "InvalidParameter.ListenerIdNotFound",
    ],
    [
      "no load balancer",
      () => [target(0)],
      { LoadBalancerId: "lb-00000000" },
      "InvalidParameter.LBIdNotFound",
    ],
  ])("%s is refused and binds nothing", async (_, wanted, fields, code) => {
    expect(await outcome(register(wanted(), fields))).toBe(code);
    expect(await targets()).toEqual([]);
  });

  test("are instances of the load balancer's VPC", async () => {
    const { Vpc } = await cloud.vpc.CreateVpc({ VpcName: "other", CidrBlock: "10.1.0.0/16" });
    const vpcId = Vpc?.VpcId as string;
    const { Subnet } = await cloud.vpc.CreateSubnet({
      VpcId: vpcId,
      SubnetName: "s",
      CidrBlock: "10.1.1.0/24",
      Zone: "ap-guangzhou-3",
    });
    const stranger = await makeInstance(cloud, { vpcId, subnetId: Subnet?.SubnetId as string });
    await expect(register([target(0, { InstanceId: stranger })])).rejects.toMatchObject({
      code: "InvalidParameterValue",
      message: expect.stringContaining(vpcId) as string,
    });
  });

  test("are as many as the quota allows, over several calls", async () => {
    const ports = (from: number, count: number) =>
      Array.from({ length: count }, (_, n) => target(0, { Port: from + n }));
    await done(cloud, register(ports(1, 20)));
    expect(await outcome(register(ports(21, 3)))).toBe("LimitExceeded");
    await done(cloud, register(ports(21, 2)));
    const remove = (ForceDelete?: boolean) =>
      cloud.clb.DeleteLoadBalancer({
        LoadBalancerIds: [lb],
        ...(ForceDelete !== undefined && { ForceDelete }),
      });
    expect(await outcome(remove())).toBe("FailedOperation");
    await done(cloud, remove(true));
  });

  test("are well while their machines have power, and leave with them", async () => {
    await done(cloud, register([target(0), target(1)]));
    const [one, two] = instances as [string, string];
    const become = (...details: string[]) =>
      until(health, (found) =>
        isDeepStrictEqual(
          found,
          [one, two].map((id, n) => [id, details[n] === "Alive", details[n]]),
        ),
      );
    await become("Alive", "Alive");
    await cloud.admin("POST", `/instances/${one}/kill`);
    await become("Dead", "Alive");
    await cloud.admin("POST", `/instances/${one}/start`);
    await cloud.cvm.StopInstances({ InstanceIds: [two] });
    await become("Alive", "Dead");
    await done(
      cloud,
      cloud.clb.ModifyListener({
        LoadBalancerId: lb,
        ListenerId: listener,
        HealthCheck: { HealthSwitch: 0 },
      }),
    );
    expect(await health()).toEqual([
      [one, true, "Close"],
      [two, true, "Close"],
    ]);
    await cloud.cvm.TerminateInstances({ InstanceIds: [one] });
    await until(
      () => stateOf(cloud, one),
      (state) => state === "gone",
    );
    expect(await targets()).toMatchObject([{ InstanceId: two }]);
    expect(
      await outcome(cloud.clb.DescribeTargetHealth({ LoadBalancerIds: ["lb-00000000"] })),
    ).toBe("InvalidParameter.LBIdNotFound");
  });
});
