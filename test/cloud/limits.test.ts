import { callsPerSecond } from "../../lab/cloud/limits";
import { services } from "../../lab/cloud/services";
import { outcome, startTestCloud, type TestCloud } from "./support/cloud";

let now = new Date();
let cloud: TestCloud;
beforeEach(async () => {
  now = new Date(Math.floor(Date.now() / 1000) * 1000);
  cloud = await startTestCloud({ rateLimits: { "vpc:DescribeVpcs": 2 } }, () => now);
});
afterEach(() => cloud.close());

const after = (ms: number): void => {
  now = new Date(now.getTime() + ms);
};

test("calls beyond an action's figure are refused until the next second", async () => {
  const ask = (): Promise<string> => outcome(cloud.vpc.DescribeVpcs({}));
  expect([await ask(), await ask(), await ask()]).toEqual(["ok", "ok", "RequestLimitExceeded"]);
  // Other actions have figures of their own.
  expect(await outcome(cloud.vpc.DescribeSubnets({}))).toBe("ok");
  after(999);
  expect(await ask()).toBe("RequestLimitExceeded");
  after(1);
  expect([await ask(), await ask(), await ask()]).toEqual(["ok", "ok", "RequestLimitExceeded"]);
});

test("documented figures hold where the settings say nothing, and calls that fail count", async () => {
  const codes = [];
  for (let n = 0; n < 12; n++) {
    codes.push(await outcome(cloud.cvm.RunInstances({ Placement: {} } as never)));
  }
  expect(codes.slice(0, 10)).not.toContain("RequestLimitExceeded");
  expect(codes.slice(10)).toEqual(["RequestLimitExceeded", "RequestLimitExceeded"]);
});

test("each served action has a figure; without limits any number passes", () => {
  for (const service of services) {
    for (const action of service.actions.keys()) {
      expect(callsPerSecond({}, service.name, action)).toBeGreaterThan(0);
      expect(callsPerSecond({}, service.name, action)).toBeLessThanOrEqual(100);
      expect(callsPerSecond(false, service.name, action)).toBe(Infinity);
    }
  }
  expect(callsPerSecond({}, "cvm", "RunInstances")).toBe(10);
  expect(callsPerSecond({}, "cvm", "DescribeInstances")).toBe(40);
});

test("lists of ids, filters and their values are bounded", async () => {
  const ids = (prefix: string, count: number): string[] =>
    Array.from({ length: count }, (_, n) => `${prefix}-${String(n).padStart(8, "0")}`);
  const values = (count: number): string[] => Array.from({ length: count }, String);
  const many = "InvalidParameterValue.LimitExceeded";
  const { cvm, vpc, cbs, tag } = cloud;
  expect(await outcome(cvm.DescribeInstances({ InstanceIds: ids("ins", 100) }))).toBe("ok");
  expect(await outcome(cvm.DescribeInstances({ InstanceIds: ids("ins", 101) }))).toBe(many);
  expect(await outcome(vpc.DescribeSubnets({ SubnetIds: ids("subnet", 101) }))).toBe(many);
  expect(await outcome(cbs.DetachDisks({ DiskIds: ids("disk", 11) }))).toBe(many);
  expect(
    await outcome(cvm.DescribeDisasterRecoverGroups({ DisasterRecoverGroupIds: ids("ps", 11) })),
  ).toBe(many);
  const tags = { ServiceType: "cvm", ResourcePrefix: "instance", ResourceRegion: "ap-guangzhou" };
  expect(
    await outcome(tag.DescribeResourceTagsByResourceIds({ ...tags, ResourceIds: ids("ins", 51) })),
  ).toBe(many);
  const instancesBy = (count: number): Promise<string> =>
    outcome(cvm.DescribeInstances({ Filters: [{ Name: "zone", Values: values(count) }] }));
  expect([await instancesBy(5), await instancesBy(6)]).toEqual(["ok", many]);
  const vpcsBy = (count: number): Promise<string> =>
    outcome(vpc.DescribeSubnets({ Filters: [{ Name: "zone", Values: values(count) }] }));
  expect([await vpcsBy(100), await vpcsBy(101)]).toEqual(["ok", many]);
  const filters = (count: number): Promise<string> =>
    outcome(
      vpc.DescribeSubnets({
        Filters: Array.from({ length: count }, () => ({ Name: "zone", Values: ["z"] })),
      }),
    );
  expect([await filters(10), await filters(11)]).toEqual(["ok", many]);
});
