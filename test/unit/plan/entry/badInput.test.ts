import type { ClusterConfigInput } from "../../../../components/plan";
import { minimalConfig, problemsIn } from "../fixture";

// What people get wrong about the way to the API, each with the setting it is told of and the way out. That a name is missing in a certificate no
// configuration can say: the plan has them all, and the policy entry-certificate-names holds other stacks to it.

const host = { instanceType: "S5.MEDIUM2" };
const pair = { members: 2, ...host };
const zones = ["ap-guangzhou-3", "ap-guangzhou-4"].map((zone, index) => ({
  zone,
  subnetCidr: `10.0.${16 * index}.0/20`,
}));
const inTwoZones = ["1", { key: "2", zone: "ap-guangzhou-4" }];
const ipvs = (virtualAddress: string) =>
  ({ entry: { kind: "nodeLocal", proxy: "ipvs", virtualAddress } }) as const;
const outside = "entry.virtualAddress: Use a private address outside of all these ranges";

test.each<[string, Partial<ClusterConfigInput>, string]>([
  [
    "LVS by direct routing on a VPC",
    { entry: { kind: "lvs", forwarding: "dr", directors: pair } },
    "entry.forwarding: Use nat, or kind vip; where these hosts are on a real layer-2 network, say so by network.layer2: true",
  ],
  [
    "a HAVIP across zones",
    {
      network: { ...minimalConfig().network, zones },
      entry: { kind: "vip", balancers: { members: inTwoZones, ...host } },
    },
    "entry.balancers.members: Put all balancers in one zone",
  ],
  [
    "one balancer",
    { entry: { kind: "vip", balancers: { members: 1, ...host } } },
    "entry.balancers.members: Use 2 balancers",
  ],
  [
    "one director",
    { entry: { kind: "lvs", forwarding: "nat", directors: { members: 1, ...host } } },
    "entry.directors.members: Use 2 directors",
  ],
  ["a virtual address of the VPC", ipvs("10.0.3.4"), outside],
  ["a virtual address of the pods", ipvs("10.244.3.4"), outside],
  ["a virtual address of the Services", ipvs("10.96.3.4"), outside],
  [
    "a CLB's address among the hosts'",
    { entry: { kind: "clb", vip: "10.0.0.200" } },
    "entry.vip: Use one of those, or leave it out",
  ],
  [
    "two zones, one of which holds a quorum",
    {
      network: { ...minimalConfig().network, zones },
      etcd: { members: ["1", ...inTwoZones.slice(1), "3"], instanceType: "S5.MEDIUM4" },
    },
    "etcd.members: Leave at most 1 in one zone, or put all in one",
  ],
  [
    "etcd stacked on an even count of masters",
    { etcd: { topology: "stacked" }, masters: { members: 4, instanceType: "S5.LARGE8" } },
    "masters.members: Use 3 or 5 masters, or etcd.topology external",
  ],
])("%s", (_, sections, expected) => {
  const said = problemsIn({ ...minimalConfig(), ...sections });
  expect(said.map(({ path, fix }) => `${path}: ${fix}`)).toEqual([expected]);
});
