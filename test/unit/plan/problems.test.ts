import { ClusterConfigError } from "../../../components/plan";
import { didYouMean, show } from "../../../components/plan/problems";
import { problemsOf, type TestConfig } from "./fixture";

const zones = {
  three: { zone: "ap-guangzhou-3", subnetCidr: "10.0.0.0/20" },
  four: { zone: "ap-guangzhou-4", subnetCidr: "10.0.16.0/20" },
};

test.each<[string, (config: TestConfig) => void, string[]]>([
  [
    "a zone twice",
    (config) => (config.network.zones = [zones.three, { ...zones.four, zone: zones.three.zone }]),
    ["network.zones.1: List every zone once, with one subnet"],
  ],
  [
    "a member in a zone that the network has not",
    (config) => (config.etcd.members = ["1", "2", { key: "3", zone: "ap-guangzhou-7" }]),
    [
      "etcd.members: Leave at most 1 in one zone, or put all in one",
      "etcd.members.2.zone: Add the zone to network.zones, or use one of those",
    ],
  ],
  [
    "a balancer in a zone that the network has not",
    (config) =>
      (config.entry.balancers.members = ["1", "2"].map((key) => ({ key, zone: "ap-guangzhou-7" }))),
    ["0", "1"].map(
      (index) =>
        `entry.balancers.members.${index}.zone: Add the zone to network.zones, or use one of those`,
    ),
  ],
  [
    "a worker in a zone that the network has not",
    (config) => (config.workers[0].members = [{ key: "a", zone: "ap-guangzhou-7" }, "b"]),
    ["workers.0.members.0.zone: Add the zone to network.zones, or use one of those"],
  ],
  [
    "a pool in a zone that the network has not",
    (config) => (config.workers[0].zone = "ap-guangzhou-7"),
    ["workers.0.zone: Add the zone to network.zones, or use one of those"],
  ],
  [
    "balancers in two zones",
    (config) => {
      config.network.zones = [zones.three, zones.four];
      config.entry.balancers.members = ["1", { key: "2", zone: zones.four.zone }];
    },
    ["entry.balancers.members: Put all balancers in one zone"],
  ],
  [
    "an old Kubernetes",
    (config) => (config.versions.kubernetes = "v1.32.9"),
    ["versions.kubernetes: Use v1.33.0 or later"],
  ],
  [
    "an old containerd",
    (config) => (config.versions.containerd = "1.7.0"),
    ["versions.containerd: Use a release of containerd 2"],
  ],
  [
    "SSH for everybody",
    (config) => (config.bastion.allowedCidrs = ["203.0.113.0/24", "0.0.0.0/0"]),
    ["bastion.allowedCidrs.1: List the ranges people log in from"],
  ],
  [
    "a VPC with public addresses",
    (config) => {
      config.network.vpcCidr = "11.0.0.0/16";
      config.network.zones = [{ ...zones.three, subnetCidr: "11.0.0.0/20" }];
    },
    ["network.vpcCidr: Use a part of one of these"],
  ],
  [
    "a way out of a VPC that is somebody else's",
    (config) => {
      config.network.existing = { vpcId: "vpc-8f3ka92p" };
      config.network.nat = true;
    },
    ["network.nat: Leave it out; a way out of that VPC is for whoever keeps it to make"],
  ],
  [
    "subnets that are there, of a zone that is not used and for two zones",
    (config) => {
      config.network.zones.push({ zone: "ap-guangzhou-4", subnetCidr: "10.0.16.0/20" });
      config.network.existing = {
        vpcId: "vpc-8f3ka92p",
        subnetIds: {
          "ap-guangzhou-3": "subnet-2k8fw1pq",
          "ap-guangzhou-4": "subnet-2k8fw1pq",
          "ap-guangzhou-6": "subnet-9d2mc0xz",
        },
      };
    },
    [
      "network.existing.subnetIds.ap-guangzhou-4: Give each zone a subnet that is in it",
      "network.existing.subnetIds.ap-guangzhou-6: Take it out, or add the zone to network.zones with the range of the subnet",
    ],
  ],
  [
    "a subnet outside the VPC",
    (config) => (config.network.zones[0].subnetCidr = "10.9.0.0/20"),
    ["network.zones.0.subnetCidr: Use a part of the VPC's range"],
  ],
  [
    "a subnet too small to lay addresses out in",
    (config) => (config.network.zones[0].subnetCidr = "10.0.0.0/26"),
    [
      "network.zones.0.subnetCidr: Use a range from /16 to /24",
      "workers.0.addressBlock: Use a larger subnet, or a lower block",
    ],
  ],
  [
    "more services than the API can number",
    (config) => (config.network.serviceCidr = "172.16.0.0/25"),
    ["network.serviceCidr: Use a /16 unless there is a reason"],
  ],
  [
    "fewer pods than one node has",
    (config) => (config.network.podCidr = "172.20.0.0/25"),
    ["network.podCidr: Use a /16 unless there is a reason"],
  ],
  [
    "more nodes than the pod range has room for",
    (config) => {
      config.network.podCidr = "172.20.0.0/22";
      config.masters.members = 3;
    },
    ["network.podCidr: Use a larger range; it cannot be changed later"],
  ],
  [
    "a VIP where hosts are",
    (config) => (config.entry.vip = "10.0.0.200"),
    ["entry.vip: Use one of those, or leave it out"],
  ],
  ["room for exactly the nodes", (config) => (config.network.podCidr = "172.20.0.0/21"), []],
  ["seven members", (config) => (config.etcd.members = 7), []],
])("%s", (_, change, expected) => {
  expect(problemsOf(change).map(({ path, fix }) => `${path}: ${fix}`)).toEqual(expected);
});

test("one problem is not several", () => {
  const error = new ClusterConfigError([{ path: "name", message: "is missing", fix: "Set it" }]);
  expect(error.name).toBe("ClusterConfigError");
  expect(error.message).toBe(
    "The cluster configuration has 1 problem:\n  1. name: is missing. Set it.",
  );
});

test.each([
  ["kubernetsVersion", "kubernetesVersion"],
  ["member", "members"],
  ["mebmers", "members"],
  ["NAME", "name"],
  ["nmae", "name"],
  ["quux", undefined],
])("%s is most likely %s", (word, expected) => {
  expect(didYouMean(word, ["kubernetesVersion", "members", "names", "name"])).toBe(expected);
});

test("values are shown short, on one line", () => {
  expect(show("a\nb")).toBe('"a\\nb"');
  expect(show("x".repeat(58))).toBe(`"${"x".repeat(58)}"`);
  expect(show("x".repeat(59))).toBe(`"${"x".repeat(56)}...`);
  expect(show(undefined)).toBe("nothing");
});
