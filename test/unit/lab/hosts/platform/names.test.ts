import { platformState } from "../../../../../lab/hosts/platform";
import { answerName } from "../../../../../lab/hosts/platform/names";
import { host, world } from "../worlds";
import type { PrivateRecordSpec, PrivateZoneSpec } from "../../../../../lab/hosts/privateZone";

const record = (
  name: string,
  type: PrivateRecordSpec["type"],
  value: string,
  more: Partial<PrivateRecordSpec> = {},
): PrivateRecordSpec => ({ name, type, value, ttl: 60, mx: 0, weight: 0, ...more });
const zone = (domain: string, more: Partial<PrivateZoneSpec> = {}): PrivateZoneSpec => ({
  domain,
  vpcIds: ["vpc-1"],
  forward: false,
  records: [],
  ...more,
});

const zones = [
  zone("k8s.test", {
    records: [
      record("@", "A", "10.0.0.1"),
      record("api", "A", "10.0.0.2"),
      record("api", "A", "10.0.0.3"),
      record("www", "CNAME", "api.k8s.test"),
      record("out", "CNAME", "example.com."),
      record("loop", "CNAME", "loop.k8s.test"),
      record("*", "A", "10.0.0.4"),
      record("*.deep", "A", "10.0.0.5"),
      record("shared", "A", "10.0.0.6", { weight: 1 }),
      record("shared", "A", "10.0.0.7", { weight: 3 }),
    ],
  }),
  zone("sub.k8s.test", { records: [record("api", "A", "10.0.1.1")] }),
  zone("open.test", { forward: true, records: [record("api", "A", "10.0.2.1")] }),
  zone("theirs.test", { vpcIds: ["vpc-2"], records: [record("api", "A", "10.0.3.1")] }),
];

/** The answer in a line: its code, and the values told. */
function ask(name: string, type: PrivateRecordSpec["type"] = "A", pick = 0): string {
  const { code, records } = answerName(zones, "vpc-1", { name, type }, () => pick);
  return [code, ...records.map(({ value }) => value)].join(" ");
}

test("public names of a lab that has them are its internet, whoever asks; all others stay nobody's", () => {
  const desired = world({ hosts: [host("one", "10.0.1.2")] });
  const answered = (publicNames: string[], name: string) => {
    const { zones } = platformState(desired, publicNames);
    const { code, records } = answerName(zones, "vpc-1", { name, type: "A" }, () => 0);
    return [code, ...records.map(({ value }) => value)].join(" ");
  };
  expect(answered(["dl.k8s.io"], "dl.k8s.io")).toBe("NOERROR 192.0.2.80");
  expect(answered(["dl.k8s.io"], "cdn.dl.k8s.io")).toBe("SERVFAIL");
  expect(answered([], "dl.k8s.io")).toBe("SERVFAIL");
});

test("the API has names of its own inside a VPC, one a service", () => {
  const { zones } = platformState(world({ hosts: [host("one", "10.0.1.2")] }));
  const answered = (name: string) => {
    const { code, records } = answerName(zones, "vpc-1", { name, type: "A" }, () => 0);
    return [code, ...records.map(({ value }) => value)].join(" ");
  };
  expect(answered("cvm.internal.tencentcloudapi.com")).toBe("NOERROR 169.254.0.95");
  expect(answered("cvm.tencentcloudapi.com")).toBe("SERVFAIL");
});

describe("a resolver answers", () => {
  test.each([
    ["a record", "api.k8s.test", "NOERROR 10.0.0.2 10.0.0.3"],
    ["whatever its case", "API.K8s.Test.", "NOERROR 10.0.0.2 10.0.0.3"],
    ["the domain itself", "k8s.test", "NOERROR 10.0.0.1"],
    ["an alias with what it leads to", "www.k8s.test", "NOERROR api.k8s.test 10.0.0.2 10.0.0.3"],
    ["an alias out of all zones, alone", "out.k8s.test", "NOERROR example.com."],
    ["an alias in a circle with a failure", "loop.k8s.test", "SERVFAIL"],
    ["a wildcard", "any.k8s.test", "NOERROR 10.0.0.4"],
    ["the nearest wildcard", "any.deep.k8s.test", "NOERROR 10.0.0.5"],
    ["by the longest domain", "api.sub.k8s.test", "NOERROR 10.0.1.1"],
    ["that a zone has no such name", "no.sub.k8s.test", "NXDOMAIN"],
    ["a failure, where the zone asks the public DNS", "no.open.test", "SERVFAIL"],
    ["nothing of another VPC's zone", "api.theirs.test", "SERVFAIL"],
    ["nothing of the public DNS", "example.com", "SERVFAIL"],
    ["nothing for a name that only ends alike", "xk8s.test", "SERVFAIL"],
  ])("%s", (_, name, answer) => {
    expect(ask(name)).toBe(answer);
  });

  test("that there is no record of the type, with the zone that says so", () => {
    const answer = answerName(zones, "vpc-1", { name: "api.k8s.test", type: "AAAA" }, () => 0);
    expect(answer).toEqual({ code: "NOERROR", records: [], authority: "k8s.test" });
  });

  test("one of weighted records, by weight", () => {
    const told = [0, 1, 2, 3].map((pick) => ask("shared.k8s.test", "A", pick));
    expect(told).toEqual([6, 7, 7, 7].map((n) => `NOERROR 10.0.0.${n}`));
  });
});
