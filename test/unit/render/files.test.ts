import { toToml } from "../../../components/render/toml";
import { toYaml } from "../../../components/render/yaml";
import { hostNeeds } from "../../../components/needs";
import { hostAliases } from "../../../components/plan";
import {
  renderBootUnit,
  renderChrony,
  renderCniTemplate,
  renderContainerd,
  renderContainerdUnit,
  renderDataDiskUnit,
  renderFlannel,
  renderHaproxyDropIn,
  renderHostsBlock,
  renderKeepalivedDropIn,
  renderKubeletUnit,
  renderLimits,
  renderModules,
  renderRegistryHosts,
  renderRuntimeSlice,
  renderStandaloneKubeletUnit,
  renderSysctls,
} from "../../../components/render";
import { first, planOf } from "../plan/fixture";
import { documentsOf } from "./documents";

test("containerd", () => {
  expect(renderContainerd(planOf())).toMatchInlineSnapshot(`
    "version = 3

    [plugins."io.containerd.cri.v1.images"]
    max_concurrent_downloads = 10

    [plugins."io.containerd.cri.v1.images".pinned_images]
    sandbox = "registry.test/kubernetes-ha/pause:3.10.2"

    [plugins."io.containerd.cri.v1.images".registry]
    config_path = "/etc/containerd/certs.d"

    [plugins."io.containerd.cri.v1.runtime"]
    restrict_oom_score_adj = false

    [plugins."io.containerd.cri.v1.runtime".cni]
    bin_dirs = ["/usr/lib/cni"]
    conf_dir = "/etc/cni/net.d"
    conf_template = "/etc/containerd/cni.conflist.template"
    max_conf_num = 1

    [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"

    [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
    SystemdCgroup = true
    "
  `);
});

test("containerd with the other cgroup driver, on a machine without CAP_SYS_RESOURCE", () => {
  const text = renderContainerd(
    planOf((config) => {
      config.kubelet = { cgroupDriver: "cgroupfs" };
      config.containerd = { restrictOomScoreAdj: true };
    }),
  );
  expect(text).toContain("SystemdCgroup = false");
  expect(text).toContain("restrict_oom_score_adj = true");
});

test("registries spoken to in plain HTTP, and no others", () => {
  expect(renderRegistryHosts(planOf())).toEqual([]);
  const plan = planOf((config) => (config.images = { insecureRegistries: ["169.254.0.3:5000"] }));
  expect(renderRegistryHosts(plan)).toEqual([
    {
      path: "/etc/containerd/certs.d/169.254.0.3:5000/hosts.toml",
      content: `server = "http://169.254.0.3:5000"

[host."http://169.254.0.3:5000"]
capabilities = ["pull", "resolve"]
`,
    },
  ]);
});

test("mirrors are asked before their registry, in their order; one with a path is the root of an API of its own", () => {
  const plan = planOf((config) => {
    config.images = {
      insecureRegistries: ["10.0.0.1:5000"],
      mirrors: {
        "docker.io": ["https://mirror.test", "https://harbor.test/v2/hub"],
        "10.0.0.1:5000": ["http://10.0.0.2:5000"],
      },
    };
  });
  expect(renderRegistryHosts(plan)).toEqual([
    {
      path: "/etc/containerd/certs.d/10.0.0.1:5000/hosts.toml",
      content: `server = "http://10.0.0.1:5000"

[host."http://10.0.0.2:5000"]
capabilities = ["pull", "resolve"]

[host."http://10.0.0.1:5000"]
capabilities = ["pull", "resolve"]
`,
    },
    {
      path: "/etc/containerd/certs.d/docker.io/hosts.toml",
      content: `[host."https://mirror.test"]
capabilities = ["pull", "resolve"]

[host."https://harbor.test/v2/hub"]
capabilities = ["pull", "resolve"]
override_path = true
`,
    },
  ]);
});

test("the pod network's template is JSON with one hole", () => {
  const text = renderCniTemplate();
  expect(text.match(/\{\{/g)).toHaveLength(1);
  expect(JSON.parse(text.replace("{{.PodCIDR}}", "10.244.3.0/24"))).toMatchObject({
    plugins: [
      { type: "bridge", mtu: 1450, ipam: { ranges: [[{ subnet: "10.244.3.0/24" }]] } },
      { type: "portmap" },
    ],
  });
});

test("flannel", () => {
  const documents = documentsOf(renderFlannel(planOf().podNetwork));
  expect(Object.keys(documents)).toEqual([
    "Namespace",
    "ServiceAccount",
    "ClusterRole",
    "ClusterRoleBinding",
    "ConfigMap",
    "DaemonSet",
  ]);
  const { data } = documents["ConfigMap"] as { data: Record<string, string> };
  expect(JSON.parse(data["net-conf.json"] ?? "")).toEqual({
    Network: "10.244.0.0/16",
    EnableNFTables: true,
    Backend: { Type: "vxlan" },
  });
  expect(documents["DaemonSet"]).toMatchObject({
    spec: {
      template: {
        spec: {
          hostNetwork: true,
          priorityClassName: "system-node-critical",
          tolerations: [{ operator: "Exists" }],
          containers: [
            {
              image: "registry.test/kubernetes-ha/flannel:v0.28.4",
              args: expect.arrayContaining(["--kube-subnet-mgr", "--iface=eth0"]) as unknown,
              // With it flanneld waits for the API; without, it ends when that does not answer at once.
              env: [{ name: "NODE_NAME", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } }],
              // As long as it waits itself.
              startupProbe: { periodSeconds: 10, failureThreshold: 60 },
            },
          ],
        },
      },
    },
  });
});

test("our part of /etc/hosts", () => {
  const plan = planOf();
  expect(renderHostsBlock(hostAliases(plan, first(plan.workers)))).toBe(
    `# begin tencentcloud-kubernetes-ha
10.0.0.10 api.prod.internal
10.0.0.128 prod-worker-1
# end tencentcloud-kubernetes-ha
`,
  );
});

test("chrony asks every server", () => {
  expect(renderChrony(["time1.test", "time2.test"])).toMatchInlineSnapshot(`
    "# Made by tencentcloud-kubernetes-ha; changes here are lost.
    server time1.test iburst
    server time2.test iburst
    driftfile /var/lib/chrony/chrony.drift
    # Jumps only in the first three updates after a start, and only by more than a second; later it slews.
    makestep 1 3
    rtcsync
    leapsectz right/UTC
    "
  `);
});

const plan = planOf();

test.each<[string, () => string]>([
  ["modules", () => renderModules(hostNeeds(plan, first(plan.workers)).modules)],
  ["sysctls", () => renderSysctls(hostNeeds(plan, first(plan.workers)).sysctls)],
  ["balancer sysctls", () => renderSysctls(hostNeeds(plan, first(plan.balancers)).sysctls)],
  ["limits", renderLimits],
])("%s: every line is a comment or a setting, and the file ends with a new line", (_, render) => {
  const text = render();
  expect(text.endsWith("\n")).toBe(true);
  for (const line of text.trim().split("\n")) {
    expect(line).toMatch(/^(#.*|[a-z_]+|-?[a-z0-9_.-]+ = .+|(\*|root) (soft|hard) nofile \d+)$/);
  }
});

test("no line of an INI comes before its section", () => {
  const units = [
    renderBootUnit(),
    renderContainerdUnit(),
    renderContainerdUnit({}, "/var/lib/containerd"),
    renderDataDiskUnit("disk-abcd1234", "/var/lib/etcd"),
    renderHaproxyDropIn(),
    renderKeepalivedDropIn(),
    renderKubeletUnit(),
    renderRuntimeSlice(),
    renderStandaloneKubeletUnit("prod-etcd-1", "/var/lib/etcd"),
  ];
  for (const unit of units) {
    const first = unit.split("\n").find((line) => line !== "" && !line.startsWith("#"));
    expect(first).toMatch(/^\[(Unit|Service)\]$/);
    for (const line of unit.trim().split("\n")) {
      expect(line).toMatch(/^(#.*|\[\w+\]|[A-Z][A-Za-z]+=.+|)$/);
    }
  }
});

test("the data disk's unit mounts what is there, and never makes a file system", () => {
  expect(renderDataDiskUnit("disk-abcd1234", "/var/lib/etcd")).toMatchInlineSnapshot(`
    "# Made by tencentcloud-kubernetes-ha; changes here are lost.
    [Unit]
    Description=Data disk at /var/lib/etcd
    DefaultDependencies=no
    After=local-fs-pre.target systemd-remount-fs.service
    Before=local-fs.target containerd.service kubelet.service

    [Service]
    Type=oneshot
    RemainAfterExit=yes
    # A disk that is waited for, and then mended.
    TimeoutStartSec=900
    Restart=on-failure
    RestartSec=5
    ExecStart=/usr/local/lib/kubernetes-ha/data-disk.sh mount disk-abcd1234 /var/lib/etcd

    [Install]
    WantedBy=multi-user.target
    "
  `);
});

test("the kubelet of an etcd host waits for the data disk", () => {
  expect(renderStandaloneKubeletUnit("prod-etcd-1", "/var/lib/etcd")).toMatchInlineSnapshot(`
    "# Made by tencentcloud-kubernetes-ha; changes here are lost.
    [Unit]
    Description=kubelet
    Documentation=https://kubernetes.io/docs/
    Wants=network-online.target containerd.service
    After=network-online.target containerd.service
    Wants=kubernetes-ha-data-disk.service
    After=kubernetes-ha-data-disk.service
    # It is started again for ever: a host must come back by itself.
    StartLimitIntervalSec=0

    [Service]
    ExecStartPre=/usr/bin/mountpoint -q /var/lib/etcd
    ExecStart=/usr/local/bin/kubelet --config=/var/lib/kubelet/config.yaml --hostname-override=prod-etcd-1
    Slice=runtime.slice
    CPUAccounting=yes
    MemoryAccounting=yes
    Restart=always
    RestartSec=5
    OOMScoreAdjust=-999

    [Install]
    WantedBy=multi-user.target
    "
  `);
});

test("containerd waits for the data disk that holds its directory, and no other containerd does", () => {
  const unit = renderContainerdUnit({}, "/var/lib/containerd");
  const [head = "", service = ""] = unit.split("\n[Service]\n");
  expect(head).toContain(
    "Wants=kubernetes-ha-data-disk.service\nAfter=kubernetes-ha-data-disk.service\n",
  );
  expect(service).toMatch(
    /^ExecStartPre=\/usr\/bin\/mountpoint -q \/var\/lib\/containerd\nExecStart=/,
  );
  expect(renderContainerdUnit()).not.toMatch(/data-disk|mountpoint/);
});

test("kubelet and containerd run in the slice that their reservation is enforced on", () => {
  expect(renderKubeletUnit()).toContain("\nSlice=runtime.slice\n");
  expect(renderContainerdUnit()).toContain("\nSlice=runtime.slice\n");
});

test("TOML: plain values before tables, names quoted where they must be", () => {
  expect(
    toToml({ table: { deep: { on: true } }, text: 'a "b"', list: ["x"], "odd key": 1, empty: {} }),
  ).toBe('text = "a \\"b\\""\nlist = ["x"]\n"odd key" = 1\n\n[table.deep]\non = true\n');
});

test("YAML: several documents, nothing folded or aliased", () => {
  const shared = { long: "word ".repeat(60).trim() };
  const text = toYaml({ a: shared, b: shared }, { c: "yes", d: "1" });
  expect(text).toBe(
    `a:\n  long: ${shared.long}\nb:\n  long: ${shared.long}\n---\nc: "yes"\nd: "1"\n`,
  );
});
