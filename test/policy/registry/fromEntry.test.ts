import { registryFromEntry as policy } from "../../../policy/rules/registry/fromEntry";
import { found } from "../judge";
import { group, groups, single } from "../network/groups";

const verdict = (from: string, port: string, protocol = "TCP") =>
  found(policy, [...groups(), group("registry"), single("registry", port, from, protocol)]);

test.each(["5000", "5001", "5000-5001"])("balancers reach port %s", (port) => {
  expect(verdict("balancer", port)).toEqual([]);
});

test.each(["worker", "master", "bastion"])("%s may not go past the entry", (from) => {
  expect(verdict(from, "5000")).toEqual([
    `${from}-registry: rule 0 lets ${from} reach what a registry's host serves; what a registry's host serves is for balancer only. ` +
      "Let in the security group of the balancers, and have clients come through the entry.",
  ]);
  expect(verdict(from, "5001")).toHaveLength(1);
});

test.each(["ALL", "1-65535"])("a range may not, by ports %s", (port) => {
  expect(verdict("10.0.0.0/16", port)).toHaveLength(2);
});

test("what opens another port is none of its business", () => {
  expect(verdict("worker", "22")).toEqual([]);
});
