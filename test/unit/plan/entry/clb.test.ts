import { hostAliases } from "../../../../components/plan/cluster";
import { clb } from "../../../../components/plan/entry/clb";
import { peersOf } from "../../../../components/plan/peers";
import { detectionSeconds } from "../../../../components/plan/rules/detection";
import { first, line, minimalConfig, planWith, problemsIn } from "../fixture";

const plan = planWith({ kind: "clb" });
const zones = [
  { zone: "ap-guangzhou-3", subnetCidr: "10.0.0.0/20" },
  { zone: "ap-guangzhou-4", subnetCidr: "10.0.16.0/20" },
];

test("the address is known before the load balancer is made, and is not a HAVIP's", () => {
  expect(plan.entry).toMatchObject({ vip: "10.0.0.11", zone: "ap-guangzhou-3", port: 6443 });
  expect(plan.apiCertificateNames).toContain("10.0.0.11");
  for (const host of plan.hosts)
    expect(hostAliases(plan, host)[0]).toEqual({
      address: "10.0.0.11",
      names: ["api.prod.internal"],
    });
});

test("zone and address can be chosen", () => {
  const chosen = planWith(
    { kind: "clb", zone: "ap-guangzhou-4", vip: "10.0.16.15" },
    ({ network }) => void (network.zones = [first(zones), ...zones.slice(1)]),
  );
  expect(chosen.entry).toMatchObject({ vip: "10.0.16.15", zone: "ap-guangzhou-4" });
});

test("has no hosts of its own, and masters as many as ever", () => {
  expect(plan.entryHosts).toEqual([]);
  expect(plan.balancers).toEqual([]);
  expect(plan.placementGroups.map(({ role }) => role)).toEqual(["etcd", "master"]);
  expect(plan.faultTolerance).toEqual({ physicalHosts: 1, etcdMembers: 1, masters: 2 });
});

test("only masters need HAProxy and the rules that lead to it", () => {
  for (const host of plan.hosts)
    expect(clb.needs(plan.entry, host).packages).toEqual(
      host.role === "master" ? ["haproxy", "nftables"] : undefined,
    );
});

test("the masters' group lets clients in, whose addresses the load balancer keeps, and nobody to HAProxy's ports", () => {
  const ingress = plan.securityGroups.find(({ role }) => role === "master")?.ingress ?? [];
  const who = (port: number) =>
    ingress.filter((rule) => rule.port === String(port)).map(({ role }) => role);
  // In the groups of balancers and directors is nobody.
  expect(who(6443).sort()).toEqual(["balancer", "bastion", "director", "master", "worker"]);
  expect(who(plan.entry.localPort)).toEqual([]);
  expect(who(plan.entry.readinessPort)).toEqual([]);
});

test("a worker waits for no other host", () => {
  for (const worker of plan.workers) expect(peersOf(plan, worker)).toEqual([]);
});

test("makes a load balancer, a target group and a private zone, known by their names", () => {
  expect(clb.makes(plan.entry)).toEqual([
    { kind: "loadBalancer", name: "prod-api" },
    { kind: "targetGroup", name: "prod-masters" },
    { kind: "privateZone", name: "api.prod.internal" },
  ]);
});

test("a probe ends before the next begins, as a CLB wants it, and finds out within 8 s", () => {
  const { healthCheck } = plan.entry;
  expect(healthCheck.timeout).toBeLessThan(healthCheck.interval);
  expect(detectionSeconds(healthCheck)).toBe(8);
});

describe("what is wrong with the section", () => {
  const said = (entry: unknown) =>
    problemsIn({ ...minimalConfig(), network: { vpcCidr: "10.0.0.0/16", zones }, entry }).map(line);

  test.each([
    [
      { kind: "clb", zone: "ap-guangzhou-6" },
      "entry.zone: got ap-guangzhou-6, but the network has ap-guangzhou-3, ap-guangzhou-4. Use one of those, or leave it out.",
    ],
    [
      { kind: "clb", vip: "10.0.0.64" },
      "entry.vip: got 10.0.0.64, but the addresses for it are 10 to 19 of 10.0.0.0/20. Use one of those, or leave it out.",
    ],
    [
      { kind: "clb", zone: "ap-guangzhou-4", vip: "10.0.0.11" },
      "entry.vip: got 10.0.0.11, but the addresses for it are 10 to 19 of 10.0.16.0/20. Use one of those, or leave it out.",
    ],
    [
      { kind: "clb", balancers: { members: 2 } },
      "entry.balancers: there is no such setting. Remove it; known here are kind, zone, vip, extraFrontends.",
    ],
  ])("%j", (entry, problem) => expect(said(entry)).toEqual([problem]));
});
