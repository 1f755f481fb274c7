import { prepareHost } from "../../../../components/preparation";
import { first, line, minimalConfig, planHaving, problemsIn } from "../fixture";

const stacked = { topology: "stacked" as const };
const machines = { instanceType: "S5.LARGE8" };
const plan = planHaving({ etcd: stacked });
const names = ["prod-master-1", "prod-master-2", "prod-master-3"];

test("every master holds a member, and there are no other hosts for etcd", () => {
  expect(plan.etcd).toEqual(plan.masters);
  expect(plan.masters.map(({ name }) => name)).toEqual(names);
  for (const { role, duties, tags } of plan.masters) {
    expect({ role, duties }).toEqual({ role: "master", duties: ["controlPlane", "etcd"] });
    expect(tags["kubernetes-ha/duties"]).toBe("controlPlane etcd");
  }
  expect(plan.hosts.filter(({ role }) => role === "etcd")).toEqual([]);
  expect(plan.etcdCluster).toMatchObject({
    topology: "stacked",
    endpoints: ["https://10.0.0.64:2379", "https://10.0.0.65:2379", "https://10.0.0.66:2379"],
  });
});

test("every master has a data disk, where etcd keeps its data", () => {
  const disk = { type: "CLOUD_HSSD", sizeGiB: 50, mountPoint: "/var/lib/etcd" };
  expect(plan.masters.map(({ dataDisk }) => dataDisk)).toEqual(
    names.map((name) => ({ ...disk, name: `${name}-data` })),
  );
});

test("the masters' strict group is etcd's, and one machine takes one of each with it", () => {
  expect(plan.placementGroups.map(({ role, members }) => ({ role, members }))).toEqual([
    { role: "master", members: names },
    { role: "balancer", members: ["prod-balancer-1", "prod-balancer-2"] },
  ]);
  const tolerance = { physicalHosts: 1, etcdMembers: 1, masters: 2, balancers: 1 };
  expect(plan.faultTolerance).toEqual(tolerance);
  const five = planHaving({ etcd: stacked, masters: { members: 5, ...machines } });
  expect(five.faultTolerance).toMatchObject({ etcdMembers: 2, masters: 4 });
});

test("etcd is open to masters, and to nobody else", () => {
  const openTo = (role: string) =>
    plan.securityGroups.flatMap((group) =>
      group.ingress.flatMap(({ port, role: from }) =>
        group.role === role && /^23(79|80)$/.test(port) ? [`${from} ${port}`] : [],
      ),
    );
  expect(openTo("master")).toEqual(["master 2379", "master 2380"]);
  expect(plan.securityGroups.map(({ role }) => role)).toEqual([
    ...["bastion", "master", "balancer", "director", "worker"],
  ]);
});

test("a master's kubelet waits for the data disk; without etcd it has none to wait for", () => {
  const unit = (etcd: Parameters<typeof planHaving>[0]) => {
    const { masters, ...rest } = planHaving(etcd);
    return prepareHost({ masters, ...rest }, first(masters)).files.find(({ path }) =>
      path.endsWith("/kubelet.service"),
    )?.content;
  };
  const guard = "ExecStartPre=/usr/bin/mountpoint -q /var/lib/etcd\n";
  expect(unit({ etcd: stacked })).toContain(guard);
  expect(unit({ etcd: stacked })).toContain("--kubeconfig=/etc/kubernetes/kubelet.conf");
  expect(unit({ etcd: stacked })).toContain("After=kubernetes-ha-data-disk.service\n");
  expect(unit({})).not.toContain("ExecStartPre");
});

test("a master gets what a member and a master need, each once", () => {
  const { params } = prepareHost(plan, first(plan.masters));
  const images = (params.IMAGES as string[]).map((image) => image.split("/").at(-1)?.split(":")[0]);
  expect(images).toEqual(expect.arrayContaining(["etcd", "kube-apiserver", "coredns"]));
  expect(new Set(images).size).toBe(images.length);
  expect(params.DATA_DIR).toBe("/var/lib/etcd");
});

describe("what is wrong with the configuration", () => {
  const said = (sections: object) => problemsIn({ ...minimalConfig(), ...sections }).map(line);

  test.each([
    [2, "2, which loses its quorum with the first member", "Use 3 masters"],
    [
      4,
      "4; an even count tolerates 1 lost, no more than 3 do, and fails more often",
      "Use 3 or 5 masters",
    ],
    [9, "9; every write waits for 5 of them", "Use 7 masters"],
  ])("%i masters", (members, got, fix) => {
    expect(said({ etcd: stacked, masters: { members, ...machines } })).toEqual([
      `masters.members: with etcd.topology stacked every master holds a member, and etcd needs 3, 5 or 7 members: got ${got}. ` +
        `${fix}, or etcd.topology external.`,
    ]);
  });

  test("settings of hosts that it has not", () => {
    expect(said({ etcd: { ...stacked, members: 3 } })).toEqual([
      "etcd.members: there is no such setting. Remove it; known here are topology, disk, snapshots, extraArgs.",
    ]);
    expect(said({ etcd: { ...stacked, disk: { type: "CLOUD_PREMIUM" } } })).toEqual([
      "etcd.disk.type: got CLOUD_PREMIUM, whose writes take several ms; etcd elects a new leader when they do. " +
        "Use one of CLOUD_BSSD, CLOUD_SSD, CLOUD_HSSD, CLOUD_TSSD.",
    ]);
    expect(said({ etcd: { topology: "embedded" } })).toEqual([
      'etcd.topology: got "embedded". Use one of external, stacked.',
    ]);
  });

  test("two of three masters in one zone, another beside it", () => {
    const zones = [3, 4].map((zone) => ({
      zone: `ap-guangzhou-${zone}`,
      subnetCidr: `10.0.${16 * (zone - 3)}.0/20`,
    }));
    const network = { vpcCidr: "10.0.0.0/16", zones };
    const members = ["1", "2", { key: "3", zone: "ap-guangzhou-4" }];
    expect(said({ etcd: stacked, network, masters: { members, ...machines } })).toEqual([
      "masters.members: ap-guangzhou-3 holds 2 of 3 etcd members, a quorum, so the other zones add nothing. " +
        "Leave at most 1 in one zone, or put all in one.",
    ]);
  });
});
