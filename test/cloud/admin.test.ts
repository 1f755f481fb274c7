import { readFileSync } from "node:fs";
import path from "node:path";

import {
  makeInstance,
  makeNetwork,
  outcome,
  startTestCloud,
  stateOf,
  until,
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
