import { ClusterConfigError, parseClusterConfig, planCluster } from "../../../../components/plan";
import { minimalConfig } from "../fixture";

function problemsOf(leaving: string[], masters = 3) {
  try {
    const config = minimalConfig();
    config.masters.members = masters;
    parseClusterConfig({ ...config, leaving });
    return [];
  } catch (error) {
    if (error instanceof ClusterConfigError)
      return error.problems.map(({ path, message, fix }) => `${path}: ${message}. ${fix}`);
    throw error;
  }
}

test("who is named may go, and nobody else", () => {
  const plan = planCluster(parseClusterConfig({ ...minimalConfig(), leaving: ["etcd-2"] }));
  expect(plan.hosts.filter(({ leaving }) => leaving).map(({ key, role }) => role + key)).toEqual([
    "etcd2",
  ]);
});

test("only hosts that are there and are protected can be named", () => {
  expect(problemsOf(["etcd-1", "master-3"])).toEqual([]);
  expect(problemsOf(["etcd-9"])).toEqual([
    'leaving: got "etcd-9", but no host of etcd or master is called so. Did you mean etcd-1',
  ]);
  expect(problemsOf(["general-1"])).toEqual([
    expect.stringContaining("known are etcd-1, etcd-2, etcd-3, master-1"),
  ]);
});

test("no more of etcd than leave a quorum", () => {
  expect(problemsOf(["etcd-1", "etcd-2"])).toEqual([
    "leaving: etcd-1, etcd-2 of 3 members of etcd may leave, and the rest would be no quorum. " +
      "Name 1 of them at most, and the others once these have left",
  ]);
});
