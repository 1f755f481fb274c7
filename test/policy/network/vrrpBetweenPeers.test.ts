import { vrrpBetweenPeers as policy } from "../../../policy/rules/network/vrrpBetweenPeers";
import { found } from "../judge";
import { groups, single } from "./groups";

const verdict = (from: string, protocol: string, port = "ALL", to = "balancer") =>
  found(policy, [...groups(), single(to, port, from, protocol)]);

test.each([
  ["balancer", "ALL", "balancer"],
  ["director", "ALL", "director"],
  ["worker", "TCP", "balancer"],
  ["10.0.0.0/16", "ICMP", "balancer"],
  ["worker", "ALL", "worker"],
])("%s speaking %s with %s is allowed", (from, protocol, to) => {
  expect(verdict(from, protocol, "ALL", to)).toEqual([]);
});

test.each(["master", "worker", "bastion", "etcd"])("all protocols from %s are denied", (from) => {
  expect(verdict(from, "ALL")).toEqual([
    `${from}-balancer: rule 0 lets ${from} reach VRRP; VRRP is for balancer only. ` +
      "Let in all protocols from the hosts' own group only, and name protocol and port for everybody else.",
  ]);
});

test.each([
  ["balancer", "director"],
  ["director", "balancer"],
])("all protocols from %s to %s are denied, though each speaks VRRP", (from, to) => {
  expect(verdict(from, "ALL", "ALL", to)).toEqual([
    expect.stringContaining(`rule 0 lets ${from} reach VRRP; VRRP is for ${to} only`),
  ]);
});

test("and from a range, whatever the ports say", () => {
  expect(verdict("10.0.0.0/16", "ALL", "6443")).toEqual([
    expect.stringContaining("rule 0 lets 10.0.0.0/16 reach VRRP; VRRP is for balancer only"),
  ]);
});
