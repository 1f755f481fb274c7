import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseClusterConfig, planCluster } from "../../../components/plan";
import {
  enforcesPolicies,
  exampleConfig,
  examplesOf,
  labSettingsOf,
  variations,
  type Variation,
} from "../../../lab/examples";

const base = readFileSync(join(__dirname, "../../../Pulumi.lab.yaml"), "utf8");
const planned = (variation: Variation, zones = 1) => {
  const { config } = exampleConfig(base, variation, zones);
  return planCluster(parseClusterConfig(config["tencentcloud-kubernetes-ha:cluster"]));
};

const all = variations.flatMap((what) => examplesOf(what).map((name) => ({ [what]: name })));

test.each(all)("%j is a configuration and a lab", (variation) => {
  expect(() => planned(variation)).not.toThrow();
  expect(() => labSettingsOf(variation)).not.toThrow();
});

test("an example asks for no setting of a lab that it does not need", () =>
  expect(labSettingsOf({ entry: "vip", topology: "external" })).toEqual({}));

test("without examples, and in one zone, the configuration is what it was", () => {
  expect(planned({})).toEqual(planned({ entry: "vip", topology: "external" }));
});

test("the mirror has what enforces network policies where the configuration asks for it", () => {
  const enforced = (netpol?: string) =>
    enforcesPolicies(exampleConfig(base, netpol === undefined ? {} : { netpol }));
  expect(enforced()).toBe(false);
  expect(examplesOf("netpol").filter(enforced)).toEqual(["kube-network-policies"]);
});

test("in three zones no zone holds a quorum, and masters and workers are in several", () => {
  const { hosts, network } = planned({}, 3);
  const zonesOf = (role: string) =>
    hosts.filter((host) => host.role === role).map(({ zone }) => zone);
  expect(network.subnets.map(({ cidr }) => cidr)).toEqual([
    "10.20.1.0/24",
    "10.20.2.0/24",
    "10.20.3.0/24",
  ]);
  const three = ["ap-guangzhou-3", "ap-guangzhou-4", "ap-guangzhou-6"];
  expect(zonesOf("etcd")).toEqual(three);
  expect(zonesOf("master")).toEqual(three);
  expect(zonesOf("worker")).toEqual(three.slice(0, 2));
  expect(new Set(zonesOf("balancer"))).toEqual(new Set(["ap-guangzhou-3"]));
});

test("an example that there is not is told with those there are", () => {
  expect(() => labSettingsOf({ entry: "f5" })).toThrow(
    `--entry: got "f5"; allowed are ${examplesOf("entry").join(", ")}`,
  );
});
