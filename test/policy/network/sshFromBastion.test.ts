import { sshFromBastion as policy } from "../../../policy/rules/network/sshFromBastion";
import { type FixtureResource, found, unknown } from "../judge";
import { clusterComponent } from "../steps";
import { groups, single } from "./groups";

const verdict = (rule: FixtureResource, parameters: { ranges?: string[] } = {}) =>
  found(policy, [clusterComponent(), ...groups(), rule], parameters);
const hosts = ["etcd", "master", "balancer", "worker"];

test.each(hosts)("the bastion may log in to %s, others not", (to) => {
  expect(verdict(single(to, "22", "bastion"))).toEqual([]);
  expect(verdict(single(to, "22", "master"))).toEqual([
    `master-${to}: rule 0 lets master reach SSH; SSH is for bastion only. ` +
      "Let in the bastion's security group, or declare the range in `bastion.allowedCidrs` or in this rule's parameters.",
  ]);
});

test.each(hosts)("a range may log in to %s only if it is in the parameters", (to) => {
  const rule = single(to, "20-30", "10.8.0.0/24");
  expect(verdict(rule)).toEqual([
    expect.stringContaining("rule 0 lets 10.8.0.0/24 reach SSH; SSH is for bastion only"),
  ]);
  expect(verdict(rule, { ranges: ["10.8.0.0/24"] })).toEqual([]);
});

describe("the bastion", () => {
  test("is logged in to from the ranges its component declares", () => {
    expect(verdict(single("bastion", "22", "203.0.113.0/24"))).toEqual([]);
  });

  test.each([
    ["TCP", "22"],
    ["tcp", "1-1024"],
    ["ALL", "ALL"],
  ])("by another range, protocol %s port %s, it is denied", (protocol, port) => {
    expect(verdict(single("bastion", port, "198.51.100.0/24", protocol))).toEqual([
      expect.stringContaining(
        "198.51.100.0/24-bastion: rule 0 lets 198.51.100.0/24 log in to the bastion, but declared are 203.0.113.0/24. Let in",
      ),
    ]);
  });

  test("unless that is in the parameters", () => {
    const ranges = ["198.51.100.0/24"];
    expect(verdict(single("bastion", "22", "198.51.100.0/24"), { ranges })).toEqual([]);
  });

  test.each([
    ["UDP", "22", "198.51.100.0/24"],
    ["TCP", "80", "198.51.100.0/24"],
    ["TCP", "22", "master"],
  ])("protocol %s port %s from %s is no login from outside", (protocol, port, from) => {
    expect(verdict(single("bastion", port, from, protocol))).toEqual([]);
  });

  test("a rule without protocol and port is a login as well", () => {
    const rule = single("bastion", "22", "198.51.100.0/24");
    delete rule.props.ipProtocol;
    delete rule.props.portRange;
    expect(verdict(rule)).toHaveLength(1);
  });

  test("of a stack that declares nothing is the declaration itself", () => {
    const rule = single("bastion", "22", "198.51.100.0/24");
    expect(found(policy, [...groups(), rule])).toEqual([]);
    expect(found(policy, [clusterComponent("other"), ...groups(), rule])).toEqual([]);
  });

  test("whose range is not known yet is the business of network-no-open-ports", () => {
    const rule = single("bastion", "22", "198.51.100.0/24");
    rule.props.cidrIp = unknown;
    expect(verdict(rule)).toEqual([]);
  });
});
