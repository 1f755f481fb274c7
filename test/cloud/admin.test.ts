import { readFileSync } from "node:fs";
import { connect } from "node:net";
import path from "node:path";

import {
  debian,
  makeInstance,
  makeNetwork,
  outcome,
  startTestCloud,
  stateOf,
  until,
  zone,
  type TestCloud,
} from "./support/cloud";

let cloud: TestCloud;
beforeEach(async () => {
  cloud = await startTestCloud();
});
afterEach(() => cloud.close());

const powers = (): Record<string, string> =>
  Object.fromEntries(cloud.world.desired.hosts.map((each) => [each.instanceId, each.power]));

test("a dead physical host takes its instances' power, not their state, and gives it back", async () => {
  const network = await makeNetwork(cloud);
  const ids = [];
  for (let n = 0; n < 4; n++) {
    ids.push(await makeInstance(cloud, network));
  }
  await cloud.admin("POST", "/hosts/1/kill");
  const hosts = (await cloud.admin("GET", "/hosts")) as {
    name: string;
    power: string;
    instances: string[];
  }[];
  expect(hosts.map((each) => each.power)).toEqual(["failed", "running", "running"]);
  const dead = hosts[0]?.instances as string[];
  expect(dead).toHaveLength(2);
  for (const id of ids) {
    expect(powers()[id]).toBe(dead.includes(id) ? "failed" : "running");
    expect(await stateOf(cloud, id)).toBe("RUNNING");
  }
  expect(await cloud.admin("GET", "/placement")).toContainEqual(
    expect.objectContaining({ instanceId: dead[0], physicalHost: "host-1", power: "failed" }),
  );
  const late = await makeInstance(cloud, network);
  expect(cloud.world.desired.hosts.find((h) => h.instanceId === late)?.physicalHost).not.toBe(
    "host-1",
  );
  await cloud.admin("POST", "/hosts/host-1/start");
  expect(new Set(Object.values(powers()))).toEqual(new Set(["running"]));
});

test("one instance is killed, started, frozen and thawed; all are stopped and started", async () => {
  const network = await makeNetwork(cloud);
  const id = await makeInstance(cloud, network);
  for (const [order, power] of [
    ["kill", "failed"],
    ["start", "running"],
    ["freeze", "frozen"],
    ["thaw", "running"],
  ]) {
    await cloud.admin("POST", `/instances/${id}/${order}`);
    expect(powers()[id]).toBe(power);
  }
  await cloud.admin("POST", "/hosts/2/kill");
  await cloud.admin("POST", "/all/stop");
  expect(powers()[id]).toBe("stopped");
  await cloud.admin("POST", "/all/start");
  expect(powers()[id]).toBe("running");
  expect(await cloud.admin("GET", "/hosts")).toMatchObject([{}, { power: "running" }, {}]);
});

test("orders for what is not there name what there is", async () => {
  await expect(cloud.admin("POST", "/hosts/9/kill")).rejects.toThrow(
    "404: no physical host '9'; there are: host-1, host-2, host-3",
  );
  await expect(cloud.admin("POST", "/instances/ins-00000000/kill")).rejects.toThrow("404");
  await expect(cloud.admin("POST", "/hosts/1/explode")).rejects.toThrow("404");
});

test("a rack, a switch or a zone dies as one, and comes back", async () => {
  const network = await makeNetwork(cloud);
  const ids = [];
  for (let n = 0; n < 3; n++) {
    ids.push(await makeInstance(cloud, network));
  }
  const dead = async (): Promise<number> => {
    const hosts = (await cloud.admin("GET", "/hosts")) as { power: string }[];
    expect(Object.values(powers()).filter((each) => each === "failed")).toHaveLength(
      hosts.filter((each) => each.power === "failed").length,
    );
    return hosts.filter((each) => each.power === "failed").length;
  };
  await cloud.admin("POST", "/racks/2/kill");
  expect(await dead()).toBe(1);
  await cloud.admin("POST", "/switches/switch-3/kill");
  expect(await dead()).toBe(2);
  await cloud.admin("POST", `/racks/${encodeURIComponent("ap-guangzhou-3/switch-1/rack-1")}/kill`);
  expect(await dead()).toBe(3);
  await cloud.admin("POST", "/zones/ap-guangzhou-3/start");
  expect(await dead()).toBe(0);
  await cloud.admin("POST", "/zones/ap-guangzhou-3/kill");
  expect(await dead()).toBe(3);
  // A zone without hosts is not known by name: nothing could happen to it.
  await expect(cloud.admin("POST", "/zones/ap-guangzhou-4/kill")).rejects.toThrow(
    "404: no zone 'ap-guangzhou-4'; there are: ap-guangzhou-3",
  );
});

test("a link is cut and mended, of one instance or of a physical host", async () => {
  const network = await makeNetwork(cloud);
  const ids = [await makeInstance(cloud, network), await makeInstance(cloud, network)];
  const links = (): (boolean | undefined)[] => cloud.world.desired.hosts.map((h) => h.linkCut);
  await cloud.admin("POST", `/instances/${ids[0] as string}/cut`);
  expect(links()).toEqual([true, undefined]);
  expect(await cloud.admin("GET", "/placement")).toMatchObject([{ link: "cut" }, { link: "up" }]);
  await cloud.admin("POST", `/instances/${ids[0] as string}/mend`);
  expect(links()).toEqual([undefined, undefined]);
  await cloud.admin("POST", "/switches/2/cut");
  expect(links()).toEqual([undefined, true]);
  await cloud.admin("POST", "/zones/1/mend");
  expect(links()).toEqual([undefined, undefined]);
});

test("an ordered instance is accepted, and fails to start", async () => {
  const network = await makeNetwork(cloud);
  await cloud.admin("POST", "/faults", { action: "RunInstances", launchFailure: "no luck" });
  const { InstanceIdSet } = await cloud.cvm.RunInstances({
    Placement: { Zone: zone },
    ImageId: debian,
    VirtualPrivateCloud: { VpcId: network.vpcId, SubnetId: network.subnetId },
    InstanceCount: 2,
  });
  const seen = await until(
    async () => (await cloud.cvm.DescribeInstances({})).InstanceSet ?? [],
    (found) => found.every((each) => each.LatestOperationState !== "OPERATING"),
  );
  expect(seen.map((each) => each.InstanceId).sort()).toEqual([...(InstanceIdSet ?? [])].sort());
  const failed = seen.filter((each) => each.InstanceState === "LAUNCH_FAILED");
  expect(failed).toMatchObject([
    { LatestOperationState: "FAILED", LatestOperationErrorMsg: "no luck" },
  ]);
  expect(cloud.world.desired.hosts).toHaveLength(1);
  await cloud.cvm.TerminateInstances({ InstanceIds: [failed[0]?.InstanceId as string] });
  await until(
    () => stateOf(cloud, failed[0]?.InstanceId as string),
    (state) => state === "gone",
  );
});

test("an ordered delay holds an answer back, after the call was carried out", async () => {
  await cloud.admin("POST", "/faults", { action: "CreateVpc", delayMs: 700 });
  const asked = Date.now();
  const late = cloud.vpc.CreateVpc({ VpcName: "late", CidrBlock: "10.0.0.0/16" });
  await until(
    async () => (await cloud.vpc.DescribeVpcs({})).TotalCount,
    (count) => count === 1,
    600,
  );
  await late;
  expect(Date.now() - asked).toBeGreaterThanOrEqual(690);
  await cloud.admin("POST", "/faults", { action: "*", delayMs: 300, code: "InternalError" });
  const failing = Date.now();
  expect(await outcome(cloud.vpc.DescribeVpcs({}))).toBe("InternalError");
  expect(Date.now() - failing).toBeGreaterThanOrEqual(290);
});

test.each<[object, string]>([
  [{ action: "DescribeVpcs" }, "give code, delayMs or launchFailure"],
  [{ action: "CreateVpc", launchFailure: "x" }, "goes with action RunInstances"],
  [{ action: "RunInstances", launchFailure: "x", code: "InternalError" }, "without code"],
  [{ action: "CreateVpc", code: "InternalError", times: 0 }, "times"],
  [{ action: "CreateVpc", code: "InternalError", colour: 1 }, "colour"],
])("a fault that makes no sense is refused: %j", async (fault, reason) => {
  await expect(cloud.admin("POST", "/faults", fault)).rejects.toThrow(reason);
});

test("an ordered fault fails an action so many times", async () => {
  await cloud.admin("POST", "/faults", {
    action: "DescribeVpcs",
    code: "RequestLimitExceeded",
    times: 2,
  });
  const codes = [];
  for (let n = 0; n < 3; n++) {
    codes.push(await outcome(cloud.vpc.DescribeVpcs({})));
  }
  expect(codes).toEqual(["RequestLimitExceeded", "RequestLimitExceeded", "ok"]);
  await expect(cloud.admin("POST", "/faults", { action: "" })).rejects.toThrow("400");
});

test("the API log tells each call's outcome, and no secret", async () => {
  const own = await startTestCloud({ requestLog: undefined });
  await outcome(own.vpc.DescribeVpcs({ VpcIds: ["vpc-secret!!"] }));
  const entries = (await own.admin("GET", "/requests")) as object[];
  expect(entries).toMatchObject([
    { service: "vpc", action: "DescribeVpcs", outcome: "InvalidParameterValue.Malformed" },
  ]);
  expect(JSON.stringify(entries)).not.toContain("secret");
  await own.close();
});

test.each([
  ["headers of more than 16 KiB", `GET / HTTP/1.1\r\nX: ${"x".repeat(17_000)}\r\n\r\n`, "431"],
  ["something that is not HTTP", "hello\r\n\r\n", "400"],
])("%s: told, since no handler and no API log sees it", async (_, text, status) => {
  const socket = connect(cloud.cloud.apiPort, "127.0.0.1");
  socket.end(text);
  let answer = "";
  for await (const part of socket) answer += String(part);
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(cloud.told.at(-1)).toMatch(new RegExp(`unreadable call: .*; answered ${status} `));
});

test("the world is asked again until it succeeds", async () => {
  let failures = 2;
  const apply = cloud.world.apply.bind(cloud.world);
  cloud.world.apply = (desired) =>
    failures-- > 0 ? Promise.reject(new Error("no disk space")) : apply(desired);
  const network = await makeNetwork(cloud);
  const id = await makeInstance(cloud, network);
  expect(await stateOf(cloud, id)).toBe("RUNNING");
  await until(
    () => cloud.admin("GET", "/world"),
    (state) => !(state as { busy: boolean }).busy,
  );
  expect(failures).toBeLessThan(0);
});

test("the log file holds one JSON object a line", async () => {
  await cloud.sts.GetCallerIdentity();
  const file = path.join(cloud.stateDir, "requests.jsonl");
  const text = await until(
    () => Promise.resolve(readFileSync(file, "utf8")),
    (content) => content.endsWith("\n"),
  );
  expect(JSON.parse(text)).toMatchObject({ action: "GetCallerIdentity", outcome: "ok" });
});
