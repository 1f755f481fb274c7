import { vip } from "../../../../components/plan/entry/vip";
import { peersOf } from "../../../../components/plan/peers";
import { prepareHost } from "../../../../components/preparation";
import { first, line, minimalConfig, planHaving, problemsIn } from "../fixture";

const onMasters = { kind: "vip", on: "masters" } as const;
const plan = planHaving({ entry: onMasters });
const { entry } = plan;

test("the masters carry it, beside what makes them masters, and there are no balancers", () => {
  expect(plan.balancers).toEqual(plan.masters);
  expect(plan.entryHosts).toEqual(plan.masters);
  expect(first(plan.masters).duties).toEqual(["controlPlane", "balancer"]);
  expect(plan.hosts.filter(({ role }) => role === "balancer")).toEqual([]);
  const packages = prepareHost(plan, first(plan.masters)).params.PACKAGES;
  expect(packages).toEqual(expect.arrayContaining(["haproxy", "keepalived", "iptables"]));
});

test("HAProxy has a port of its own there, as the apiserver has taken 6443", () => {
  expect(entry).toMatchObject({ port: 8443, endpoint: "api.prod.internal:8443" });
  expect(plan.apiserverPort).toBe(6443);
  expect(entry.masters.map(({ port }) => port)).toEqual([6443, 6443, 6443]);
});

test("workers and the bastion may reach that port, masters each other's keepalived", () => {
  const ingress = plan.securityGroups.find(({ role }) => role === "master")?.ingress ?? [];
  const from = (port: string, protocol: string) =>
    ingress
      .filter((rule) => rule.port === port && rule.protocol === protocol)
      .map((rule) => rule.role);
  expect(from("8443", "TCP")).toEqual(["worker", "master", "bastion"]);
  // In the balancers' own group is nobody.
  expect(from("ALL", "ALL")).toEqual(["master", "balancer"]);
});

test("a worker finds the API at the virtual address, a master on itself", () => {
  expect(plan.hosts.map((host) => [host.role, vip.alias(asVip(), host)])).toEqual([
    ["bastion", "10.0.0.10"],
    ...[1, 2, 3].map(() => ["etcd", "10.0.0.10"]),
    ["master", "10.0.0.64"],
    ["master", "10.0.0.65"],
    ["master", "10.0.0.66"],
    ["worker", "10.0.0.10"],
    ["worker", "10.0.0.10"],
  ]);
  expect(plan.apiCertificateNames).toContain("10.0.0.10");
});

test("a worker waits for no master: adding one touches no worker", () => {
  expect(peersOf(plan, first(plan.workers))).toEqual([]);
});

test("two of three masters may be lost, and one machine", () => {
  expect(plan.faultTolerance).toEqual({
    physicalHosts: 1,
    etcdMembers: 1,
    masters: 2,
    balancers: 2,
  });
});

test("with stacked etcd a master does all three", () => {
  const all = planHaving({ entry: onMasters, etcd: { topology: "stacked" } });
  expect(first(all.masters).duties).toEqual(["controlPlane", "etcd", "balancer"]);
  expect(all.hosts.map(({ role }) => role)).toEqual([
    ...["bastion", "master", "master", "master", "worker", "worker"],
  ]);
  for (const host of all.hosts) expect(() => prepareHost(all, host)).not.toThrow();
});

describe("what is wrong with the configuration", () => {
  const said = (sections: object) => problemsIn({ ...minimalConfig(), ...sections }).map(line);
  const { balancers } = minimalConfig().entry;

  test("balancers that it has not", () => {
    expect(said({ entry: { ...onMasters, balancers } })).toEqual([
      "entry.balancers: there is no such setting. Remove it; known here are kind, on, vip, virtualRouterId, extraFrontends.",
    ]);
  });

  test("another place", () => {
    expect(said({ entry: { kind: "vip", on: "workers" } })).toEqual([
      'entry.on: got "workers". Use one of balancers, masters.',
    ]);
  });

  test("masters in two zones", () => {
    const zones = [3, 4].map((zone) => ({
      zone: `ap-guangzhou-${zone}`,
      subnetCidr: `10.0.${16 * (zone - 3)}.0/20`,
    }));
    const members = ["1", "2", { key: "3", zone: "ap-guangzhou-4" }];
    const masters = { members, instanceType: "S5.LARGE8" };
    const network = { vpcCidr: "10.0.0.0/16", zones };
    expect(said({ entry: onMasters, network, masters })).toEqual([
      "masters.members: the masters, which carry the VIP, are in ap-guangzhou-3, ap-guangzhou-4, but a HAVIP belongs to one " +
        "subnet, so to one zone. Put all masters in one zone, or use entry.on balancers.",
    ]);
  });

  test("an address that is not for it", () => {
    expect(said({ entry: { ...onMasters, vip: "10.0.0.64" } })).toEqual([
      expect.stringMatching(/^entry.vip: got 10.0.0.64, but the addresses for it are 10 to/),
    ]);
  });
});

function asVip() {
  if (entry.kind !== "vip") throw new Error(`planned was a ${entry.kind}`);
  return entry;
}
