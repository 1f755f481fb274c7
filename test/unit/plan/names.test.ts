import { machineSize } from "../../../components/plan/instanceTypes";
import { hostTags, keyPairName, sharedTags } from "../../../components/plan/names";

test("a key pair's name has letters, digits and underscores, 25 at most", () => {
  expect(keyPairName("prod-a")).toBe("prod_a_operator");
  expect(keyPairName("a-cluster-of-16c")).toBe("a_cluster_of_16c_operator");
  expect(keyPairName("a-cluster-of-20-char")).toMatch(/^a_clust__[0-9a-f]{7}_operator$/);
});

test("what belongs to no role has no tag of one", () => {
  expect(sharedTags("prod", undefined, { team: "infra" })).toEqual({
    team: "infra",
    "kubernetes-ha/cluster": "prod",
  });
  expect(sharedTags("prod", "etcd")).toEqual({
    "kubernetes-ha/cluster": "prod",
    "kubernetes-ha/role": "etcd",
  });
});

test("a host says what it does when that is more than its role, and nobody else says it for it", () => {
  const master = { role: "master", duties: ["controlPlane"], pool: "master" } as const;
  const tags = {
    "kubernetes-ha/cluster": "prod",
    "kubernetes-ha/role": "master",
    "kubernetes-ha/pool": "master",
  };
  expect(hostTags("prod", master, { "kubernetes-ha/duties": "etcd" })).toEqual(tags);
  expect(hostTags("prod", { ...master, duties: ["controlPlane", "etcd"] })).toEqual({
    ...tags,
    "kubernetes-ha/duties": "controlPlane etcd",
  });
});

test.each([
  ["S5.SMALL1", { cpus: 1, memoryGiB: 1 }],
  ["S5.MEDIUM4", { cpus: 2, memoryGiB: 4 }],
  ["SA2.LARGE16", { cpus: 4, memoryGiB: 16 }],
  ["S5.12XLARGE96", { cpus: 48, memoryGiB: 96 }],
])("%s is %j", (type, expected) => {
  expect(machineSize(type)).toEqual(expected);
});

test.each(["xS5.LARGE8", "S5.LARGE8x", "S5.HUGE8", "LARGE8"])("%s is no type", (type) => {
  expect(() => machineSize(type)).toThrow(`"${type}" is no CVM instance type such as S5.LARGE8`);
});
