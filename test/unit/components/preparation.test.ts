import type { HostPlan } from "../../../components/plan";
import { ownPreparation, prepareHost, sharedPreparation } from "../../../components/preparation";
import { first, lvsPlanOf, planHaving, planOf } from "../plan/fixture";

const plan = planOf();
const of = (host: HostPlan) => {
  const { params, files } = prepareHost(plan, host);
  return {
    packages: params.PACKAGES,
    binaries: (params.ARTIFACTS as string[]).map((line) => line.split(" ")[0]?.split("/").at(-1)),
    images: (params.IMAGES as string[]).map((image) => image.split("/").at(-1)?.split(":")[0]),
    services: (params.SERVICES as string[]).map((line) => line.split(" ")[0]),
    files: files.map(({ path }) => path),
  };
};

const base = [
  "/etc/chrony/chrony.conf",
  "/etc/security/limits.d/90-kubernetes-ha.conf",
  "/etc/systemd/system/kubernetes-ha-boot.service",
  "/etc/apt/apt.conf.d/99kubernetes-ha",
  "/etc/needrestart/conf.d/90-kubernetes-ha.conf",
];
const kernel = ["/etc/sysctl.d/zz-kubernetes-ha.conf", "/etc/modules-load.d/kubernetes-ha.conf"];
const containers = [
  "/etc/systemd/system/runtime.slice",
  "/etc/systemd/system/containerd.service",
  "/etc/containerd/config.toml",
  "/etc/systemd/system/kubelet.service",
];
const containerd = ["containerd", "ctr", "containerd-shim-runc-v2"];

test("the bastion keeps time", () => {
  expect(of(plan.bastion)).toEqual({
    packages: ["ca-certificates", "chrony", "curl"],
    binaries: [],
    images: [],
    services: ["chrony"],
    files: base,
  });
});

test("a balancer", () => {
  expect(of(first(plan.balancers))).toEqual({
    packages: ["ca-certificates", "chrony", "curl", "haproxy", "keepalived"],
    binaries: [],
    images: [],
    services: ["chrony"],
    files: [...base, kernel[0]],
  });
});

describe("LVS by direct routing", () => {
  const lvs = lvsPlanOf();
  const { entry, masters } = lvs;
  const unit = "/etc/systemd/system/kubernetes-ha-silent-addresses.service";
  const text = (host: HostPlan, path: string) =>
    prepareHost(lvs, host).files.find((file) => file.path === path)?.content ?? "";

  test("a director has to prove it, and is told of nothing silent", () => {
    const { params, files } = prepareHost(lvs, first(entry.directors));
    expect(params.DIRECT_ROUTING).toEqual(["10.0.0.12 10.0.0.64 10.0.0.65 10.0.0.66"]);
    expect(params.PACKAGES).toEqual(["ca-certificates", "chrony", "curl", "ipvsadm", "keepalived"]);
    expect(files.map(({ path }) => path)).not.toContain(unit);
    expect(text(first(entry.directors), "/etc/modules-load.d/kubernetes-ha.conf")).toContain(
      "\nip_vs\nip_vs_lc\n",
    );
  });

  test("a master holds the address silently, after each boot too", () => {
    const { params } = prepareHost(lvs, first(masters));
    expect(params.DIRECT_ROUTING).toEqual([]);
    expect(params.SERVICES).toContain(`kubernetes-ha-silent-addresses.service ${unit}`);
    expect(text(first(masters), unit)).toContain("address replace 10.0.0.12/32 dev lo");
    const sysctls = text(first(masters), "/etc/sysctl.d/zz-kubernetes-ha.conf");
    expect(sysctls).toContain("net.ipv4.conf.all.arp_ignore = 1\n");
    expect(sysctls).toContain("net.ipv4.conf.all.arp_announce = 2\n");
  });

  test("nobody else has anything of it", () => {
    for (const host of [lvs.bastion, ...lvs.etcd, ...lvs.workers]) {
      expect(prepareHost(lvs, host).params.DIRECT_ROUTING).toEqual([]);
      expect(text(host, unit)).toBe("");
      expect(text(host, "/etc/sysctl.d/zz-kubernetes-ha.conf")).not.toContain("arp_");
    }
  });
});

test("kernel settings are read after those of images", () => {
  const ours = kernel[0]?.split("/").at(-1) ?? "";
  const others = ["99-sysctl.conf", "99-zzz.conf", "90-kubernetes-ha.conf"];
  expect([...others, ours].sort().at(-1)).toBe(ours);
});

test("what is to know the version of CNI that pods' networks are written in is the nodes' alone", () => {
  const { params } = prepareHost(plan, first(plan.workers));
  expect(params.CNI_PLUGINS).toEqual(
    ["bridge", "host-local", "portmap"].map((name) => `/usr/lib/cni/${name} 1.0.0`),
  );
  expect(prepareHost(plan, first(plan.etcd)).params.CNI_PLUGINS).toEqual([]);
});

test("what is fetched is told line by line: what it is, where it goes, where it is, and where its sum", () => {
  const upstream = planHaving({ sources: {} });
  const of = (host: HostPlan) => prepareHost(upstream, host).params.ARTIFACTS as string[];
  const release = "https://github.com/etcd-io/etcd/releases/download/v3.7.3";
  expect(of(first(upstream.etcd))).toContain(
    "etcd/v3.7.3/amd64/etcdctl /usr/local/bin/etcdctl " +
      `${release}/etcd-v3.7.3-linux-amd64.tar.gz ${release}/SHA256SUMS etcd-v3.7.3-linux-amd64/etcdctl`,
  );
  const kubectl = "https://dl.k8s.io/release/v1.36.3/bin/linux/amd64/kubectl";
  expect(of(first(upstream.masters))).toContain(
    `kubernetes/v1.36.3/amd64/kubectl /usr/local/bin/kubectl ${kubectl} ${kubectl}.sha256`,
  );
  const mirrored = "http://mirror.test/artifacts/kubernetes/v1.36.3/amd64/kubectl";
  expect(prepareHost(plan, first(plan.masters)).params.ARTIFACTS).toContain(
    `kubernetes/v1.36.3/amd64/kubectl /usr/local/bin/kubectl ${mirrored} ${mirrored}.sha256`,
  );
});

test("an etcd member has a kubelet of its own", () => {
  expect(of(first(plan.etcd))).toEqual({
    packages: ["age", "ca-certificates", "chrony", "curl", "ioping", "openssl", "runc"],
    binaries: [...containerd, "kubeadm", "kubelet", "etcdctl", "etcdutl"],
    images: ["pause", "etcd"],
    services: ["chrony", "containerd"],
    files: [...base, ...kernel, ...containers, "/var/lib/kubelet/config.yaml"],
  });
});

const node = {
  packages: [
    ...["ca-certificates", "chrony", "containernetworking-plugins", "curl", "iptables", "runc"],
  ],
  services: ["chrony", "containerd", "kubernetes-ha-pod-firewall.service"],
  files: [
    ...[...base, ...kernel, ...containers, "/etc/containerd/cni.conflist.template"],
    "/etc/kubernetes-ha/pod-firewall.rules",
    "/etc/systemd/system/kubernetes-ha-pod-firewall.service",
  ],
};

test("a worker has what it joins with", () => {
  expect(of(first(plan.workers))).toEqual({
    ...node,
    // It asks for certificates with it.
    packages: [...node.packages, "openssl"].sort(),
    files: [
      ...node.files,
      "/etc/kubernetes/kubeadm.yaml",
      "/etc/default/kubelet",
      "/etc/kubernetes/patches/kubeletconfiguration+strategic.yaml",
      "/etc/kubernetes/discovery.conf",
    ],
    binaries: [...containerd, "kubeadm", "kubelet"],
    images: ["pause", "kube-proxy", "flannel"],
  });
});

const master = {
  ...node,
  packages: [
    ...["ca-certificates", "chrony", "containernetworking-plugins", "curl", "iptables"],
    ...["openssl", "runc"],
  ],
  binaries: [...containerd, "kubeadm", "kubelet", "kubectl"],
  images: [
    ...["pause", "kube-apiserver", "kube-controller-manager", "kube-scheduler"],
    ...["kube-proxy", "flannel", "coredns"],
  ],
};

test("a node whose network policies are enforced has what that takes; a host that is none has nothing of it", () => {
  const enforced = planHaving({ podNetwork: { networkPolicy: "kube-network-policies" } });
  const prepared = (host: HostPlan) => prepareHost(enforced, host);
  for (const host of [first(enforced.masters), first(enforced.workers)]) {
    const { params, files } = prepared(host);
    expect(params.PACKET_QUEUES).toEqual(["98"]);
    expect(params.PACKAGES).toContain("nftables");
    expect(params.IMAGES).toContain("registry.test/kubernetes-ha/kube-network-policies:v0.8.0");
    const modules = files.find(({ path }) => path === "/etc/modules-load.d/kubernetes-ha.conf");
    expect(modules?.content).toContain("nfnetlink_queue");
  }
  for (const host of [first(enforced.etcd), enforced.bastion])
    expect(prepared(host)).toEqual(prepareHost(plan, host));
});

test("a master", () => {
  expect(of(first(plan.masters))).toEqual(master);
});

test("a master that holds a member of etcd has one kubelet, that of a node", () => {
  const both = of({ ...first(plan.masters), duties: ["controlPlane", "etcd"] });
  expect(both.files).toEqual(master.files);
  expect(both.binaries.sort()).toEqual([...master.binaries, "etcdctl", "etcdutl"].sort());
  expect(both.images.sort()).toEqual([...master.images, "etcd"].sort());
});

test("a master that passes connections on has what a balancer has", () => {
  const both = of({ ...first(plan.masters), duties: ["controlPlane", "balancer"] });
  expect(both.packages).toEqual(expect.arrayContaining(["haproxy", "keepalived"]));
  expect(both.files).toEqual(master.files);
});

const byPath = (files: { path: string }[]) => [...files].sort((a, b) => (a.path < b.path ? -1 : 1));

const zones = planOf((config) => {
  config.network.zones.push({ zone: "ap-guangzhou-4", subnetCidr: "10.0.16.0/20" });
  config.workers[0].members = ["a", { key: "b", zone: "ap-guangzhou-4" }, "c"];
});

test.each([
  ...plan.hosts.map((host) => ({ plan, host })),
  ...zones.workers.map((host) => ({ plan: zones, host })),
])(
  "$host.name in $host.zone: what its pool shares, and before it what is its own, are together all there is",
  ({ plan, host }) => {
    const all = prepareHost(plan, host);
    const firstOfPool = first(plan.hosts.filter(({ pool }) => pool === host.pool));
    const shared = sharedPreparation(plan, firstOfPool);
    const own = ownPreparation(plan, host, shared);
    expect({ ...shared.params, ...own.params }).toEqual(all.params);
    const paths = own.files.map(({ path }) => path);
    expect(
      byPath([...shared.files.filter(({ path }) => !paths.includes(path)), ...own.files]),
    ).toEqual(byPath(all.files));
  },
);

test.each(plan.hosts)("$name: what it shares names no host", (host) => {
  const text = JSON.stringify(sharedPreparation(plan, host));
  expect(text).not.toContain(host.name);
  expect(text).not.toContain(`${host.address}"`);
});

test("all hosts of a pool share the same, and one more changes nothing of it", () => {
  const more = planOf((config) => {
    config.workers[0].members = 7;
  });
  const [one, ...others] = more.workers;
  if (one === undefined) throw new Error("the plan has workers");
  const expected = sharedPreparation(plan, plan.workers[0] ?? one);
  for (const worker of [one, ...others]) expect(sharedPreparation(more, worker)).toEqual(expected);
});

test("packages, binaries and images of a worker are shared: its own part is small", () => {
  const [worker] = plan.workers;
  if (worker === undefined) throw new Error("the plan has workers");
  const { params, files } = ownPreparation(plan, worker, sharedPreparation(plan, worker));
  expect(Object.keys(params).sort()).toEqual(["HOSTS_BLOCK", "NODE_NAME"]);
  expect(files.map(({ path }) => path)).toEqual(["/etc/default/kubelet"]);
});
