import { HaCluster } from "../../../components/cluster";
import type { ClusterConfigInput } from "../../../components/plan/config";
import { minimalConfig } from "../plan/fixture";
import { type CommandInputs, record, type Registered, settled } from "./support/recording";

async function registeredBy(sections: Partial<ClusterConfigInput>): Promise<Registered[]> {
  const registered = await record();
  const config = { ...minimalConfig(), ...sections };
  new HaCluster(config.name, { config });
  await settled(registered);
  return registered;
}

const command = "command:remote:Command";
const count = (registered: Registered[]) => {
  const counts: Record<string, number> = {};
  for (const { type } of registered) counts[type] = (counts[type] ?? 0) + 1;
  return counts;
};
const stepsOf = (registered: Registered[], host: string) =>
  registered.flatMap(({ type, name }) =>
    type === command && name.startsWith(`${host}-`) && !name.endsWith("-departure")
      ? [name.slice(host.length + 1)]
      : [],
  );
const request = (registered: Registered[], step: string) => {
  const found = registered.find(({ type, name }) => type === command && name === step);
  if (found === undefined) throw new Error(`no step ${step}`);
  const { stdin } = found.inputs as unknown as CommandInputs;
  return JSON.parse(stdin) as {
    params: Record<string, unknown>;
    files: { path: string; content: string }[];
  };
};

describe("stacked etcd", () => {
  let made: Registered[];
  beforeAll(async () => (made = await registeredBy({ etcd: { topology: "stacked" } })));

  test("makes a member and a disk on each master, and no other host", () => {
    expect(count(made)).toMatchObject({
      // Bastion, 3 masters, 2 balancers, 2 workers.
      "tencentcloud:index/instance:Instance": 8,
      "tencentcloud:index/cbsStorage:CbsStorage": 3,
      "tencentcloud:index/cbsStorageAttachment:CbsStorageAttachment": 3,
      "tencentcloud:index/placementGroup:PlacementGroup": 2,
      "tencentcloud:index/securityGroup:SecurityGroup": 5,
      "kubernetes-ha:index:Host": 7,
      "kubernetes-ha:index:PoolPreparation": 4,
      // Bastion 1, masters 4 each, balancers 2 each, workers 1 each; and what leaving takes, of masters and workers.
      [command]: 19 + 5,
    });
    expect(stepsOf(made, "prod-master-1")).toEqual([
      ...["prepare", "etcd", "upkeep", "control-plane"],
    ]);
  });

  test("the member's step starts the kubelet of the node, with what issues its first certificate", () => {
    const { params, files } = request(made, "prod-master-1-etcd");
    expect(params).toMatchObject({
      NODE_CONFIG: "/etc/kubernetes/kubeadm.yaml",
      API_PORT: 6443,
      MEMBER_ADDRESS: "10.0.0.64",
      DATA_DIR: "/var/lib/etcd",
    });
    expect(files.map(({ path }) => path).sort()).toEqual([
      "/etc/kubernetes-ha/certificates/etcd.conf",
      "/etc/kubernetes/etcd.yaml",
      "/etc/kubernetes/kubeadm.yaml",
      "/etc/kubernetes/patches/kubeletconfiguration+strategic.yaml",
      "/etc/kubernetes/pki/ca.crt",
      "/etc/kubernetes/pki/ca.key",
      "/etc/kubernetes/pki/etcd/ca.crt",
      "/etc/kubernetes/pki/etcd/ca.key",
      "/etc/sudoers.d/kubernetes-ha-departure",
      "/etc/systemd/system/kubernetes-ha-certificates-etcd.service",
      "/etc/systemd/system/kubernetes-ha-certificates-etcd.timer",
      "/var/lib/kubernetes-ha-departure/.ssh/authorized_keys",
    ]);
    const same = (step: string, end: string) =>
      request(made, step).files.find(({ path }) => path.endsWith(end))?.content;
    expect(same("prod-master-1-control-plane", "kubeadm.yaml")).toBe(
      same("prod-master-1-etcd", "kubeadm.yaml"),
    );
  });
});

describe("VIP on masters", () => {
  let made: Registered[];
  beforeAll(async () => (made = await registeredBy({ entry: { kind: "vip", on: "masters" } })));

  test("makes no balancers; every master may take the HAVIP", () => {
    expect(count(made)).toMatchObject({
      // Bastion, 3 etcd, 3 masters, 2 workers.
      "tencentcloud:index/instance:Instance": 9,
      "tencentcloud:index/haVip:HaVip": 1,
      "tencentcloud:index/haVipInstanceAttachment:HaVipInstanceAttachment": 3,
      "tencentcloud:index/placementGroup:PlacementGroup": 2,
      // Bastion 1, etcd 3 each, masters 3 each, workers 1 each; and what leaving takes, of all but the bastion.
      [command]: 21 + 8,
    });
    expect(stepsOf(made, "prod-master-1").sort()).toEqual(["balancer", "control-plane", "prepare"]);
    expect(request(made, "prod-master-1-balancer").params).toEqual({
      VIP: "10.0.0.10",
      API_PORT: 8443,
    });
  });
});

test("both, on three masters and nothing else", async () => {
  const sections = {
    etcd: { topology: "stacked" },
    entry: { kind: "vip", on: "masters" },
  } as const;
  const made = await registeredBy({ ...sections, workers: [] });
  expect(count(made)).toMatchObject({
    "tencentcloud:index/instance:Instance": 4,
    // Bastion 1, masters 4 each, and what leaving takes.
    [command]: 16 + 3,
  });
});
