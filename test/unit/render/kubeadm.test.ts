import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  paths,
  renderEtcdConfiguration,
  renderInitConfiguration,
  renderJoinConfiguration,
  renderKubeletArguments,
} from "../../../components/render";
import { first, planOf, planHaving } from "../plan/fixture";
import { documentsOf } from "./documents";

const plan = planOf((config) => {
  config.workers = [
    {
      pool: "gpu",
      members: ["a"],
      instanceType: "S5.LARGE8",
      labels: { "example.com/disk": "fast" },
      taints: [{ key: "gpu", value: "yes", effect: "NoSchedule" }],
    },
  ];
});
const [master] = plan.masters;
const [worker] = plan.workers;
const [member] = plan.etcd;
if (!master || !worker || !member) throw new Error("the fixture has one of each");

test("the control plane of one master", () => {
  expect(renderInitConfiguration(plan, master)).toMatchInlineSnapshot(`
    "apiVersion: kubeadm.k8s.io/v1beta4
    kind: InitConfiguration
    bootstrapTokens:
      - ttl: 1m0s
        usages:
          - signing
          - authentication
    nodeRegistration:
      name: prod-master-1
      criSocket: unix:///run/containerd/containerd.sock
      imagePullPolicy: IfNotPresent
      imagePullSerial: false
      kubeletExtraArgs:
        - name: node-ip
          value: 10.0.0.64
        - name: node-labels
          value: node.kubernetes.io/instance-type=S5.LARGE8,topology.kubernetes.io/region=ap-guangzhou,topology.kubernetes.io/zone=ap-guangzhou-3
    localAPIEndpoint:
      advertiseAddress: 10.0.0.64
      bindPort: 6443
    patches:
      directory: /etc/kubernetes/patches
    ---
    apiVersion: kubeadm.k8s.io/v1beta4
    kind: ClusterConfiguration
    clusterName: prod
    kubernetesVersion: v1.36.3
    controlPlaneEndpoint: api.prod.internal:6443
    imageRepository: registry.test/kubernetes-ha
    certificatesDir: /etc/kubernetes/pki
    certificateValidityPeriod: 8760h
    encryptionAlgorithm: ECDSA-P256
    networking:
      dnsDomain: cluster.local
      podSubnet: 10.244.0.0/16
      serviceSubnet: 10.96.0.0/16
    etcd:
      external:
        endpoints:
          - https://10.0.0.96:2379
          - https://10.0.0.97:2379
          - https://10.0.0.98:2379
        caFile: /etc/kubernetes/pki/etcd/ca.crt
        certFile: /etc/kubernetes/pki/apiserver-etcd-client.crt
        keyFile: /etc/kubernetes/pki/apiserver-etcd-client.key
    apiServer:
      certSANs:
        - api.prod.internal
        - localhost
        - 127.0.0.1
        - 10.0.0.10
        - prod-master-1
        - 10.0.0.64
        - prod-master-2
        - 10.0.0.65
        - prod-master-3
        - 10.0.0.66
        - prod-balancer-1
        - 10.0.0.32
        - prod-balancer-2
        - 10.0.0.33
        - 10.96.0.1
        - kubernetes
        - kubernetes.default
        - kubernetes.default.svc
        - kubernetes.default.svc.cluster.local
      extraArgs:
        - name: admission-control-config-file
          value: /etc/kubernetes/apiserver/admission.yaml
        - name: authentication-config
          value: /etc/kubernetes/apiserver/authentication.yaml
        - name: audit-log-maxage
          value: "30"
        - name: audit-log-maxbackup
          value: "10"
        - name: audit-log-maxsize
          value: "100"
        - name: audit-log-path
          value: /var/log/kubernetes/audit/audit.log
        - name: audit-policy-file
          value: /etc/kubernetes/audit/policy.yaml
        - name: default-not-ready-toleration-seconds
          value: "300"
        - name: default-unreachable-toleration-seconds
          value: "300"
        - name: encryption-provider-config
          value: /etc/kubernetes/encryption/config.yaml
        - name: endpoint-reconciler-type
          value: lease
        - name: goaway-chance
          value: "0.001"
        - name: profiling
          value: "false"
        - name: shutdown-delay-duration
          value: 5s
        - name: tls-cipher-suites
          value: TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256
        - name: tls-min-version
          value: VersionTLS12
      extraVolumes:
        - name: settings
          hostPath: /etc/kubernetes/apiserver
          mountPath: /etc/kubernetes/apiserver
          readOnly: true
          pathType: DirectoryOrCreate
        - name: encryption
          hostPath: /etc/kubernetes/encryption
          mountPath: /etc/kubernetes/encryption
          readOnly: true
          pathType: DirectoryOrCreate
        - name: audit-policy
          hostPath: /etc/kubernetes/audit
          mountPath: /etc/kubernetes/audit
          readOnly: true
          pathType: DirectoryOrCreate
        - name: audit-log
          hostPath: /var/log/kubernetes/audit
          mountPath: /var/log/kubernetes/audit
          readOnly: false
          pathType: DirectoryOrCreate
    controllerManager:
      extraArgs:
        - name: leader-elect
          value: "true"
        - name: leader-elect-lease-duration
          value: 15s
        - name: leader-elect-renew-deadline
          value: 10s
        - name: leader-elect-retry-period
          value: 2s
        - name: cluster-signing-duration
          value: 31536000s
        - name: node-cidr-mask-size
          value: "24"
        - name: profiling
          value: "false"
    scheduler:
      extraArgs:
        - name: leader-elect
          value: "true"
        - name: leader-elect-lease-duration
          value: 15s
        - name: leader-elect-renew-deadline
          value: 10s
        - name: leader-elect-retry-period
          value: 2s
        - name: profiling
          value: "false"
    dns:
      imageRepository: registry.test/kubernetes-ha
      imageTag: v1.15.0
    ---
    apiVersion: kubelet.config.k8s.io/v1beta1
    kind: KubeletConfiguration
    cgroupDriver: systemd
    cgroupsPerQOS: true
    clusterDNS:
      - 10.96.0.10
    clusterDomain: cluster.local
    containerLogMaxFiles: 5
    containerLogMaxSize: 10Mi
    eventRecordQPS: 50
    makeIPTablesUtilChains: true
    readOnlyPort: 0
    rotateCertificates: true
    seccompDefault: true
    shutdownGracePeriod: 60s
    shutdownGracePeriodCriticalPods: 20s
    maxParallelImagePulls: 3
    serializeImagePulls: false
    streamingConnectionIdleTimeout: 4h0m0s
    tlsCipherSuites:
      - TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
      - TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384
      - TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256
      - TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
      - TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384
      - TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256
    tlsMinVersion: VersionTLS12
    ---
    apiVersion: kubeproxy.config.k8s.io/v1alpha1
    kind: KubeProxyConfiguration
    mode: nftables
    clusterCIDR: 10.244.0.0/16
    "
  `);
});

test("masters differ by name and address alone", () => {
  const texts = plan.masters.map((host) =>
    renderInitConfiguration(plan, host)
      .replace(`\n  name: ${host.name}\n`, "\n  name: NAME\n")
      .replace(`value: ${host.address}\n`, "value: ADDRESS\n")
      .replace(`advertiseAddress: ${host.address}\n`, "advertiseAddress: ADDRESS\n"),
  );
  expect(new Set(texts).size).toBe(1);
});

test("a worker joins with its pool's labels and taints, and what its pool does not share is its address", () => {
  expect(renderKubeletArguments(worker)).toBe("KUBELET_EXTRA_ARGS=--node-ip=10.0.0.128\n");
  expect(renderJoinConfiguration(worker)).toMatchInlineSnapshot(`
    "apiVersion: kubeadm.k8s.io/v1beta4
    kind: JoinConfiguration
    nodeRegistration:
      criSocket: unix:///run/containerd/containerd.sock
      imagePullPolicy: IfNotPresent
      imagePullSerial: false
      kubeletExtraArgs:
        - name: node-labels
          value: example.com/disk=fast,node.kubernetes.io/instance-type=S5.LARGE8,topology.kubernetes.io/region=ap-guangzhou,topology.kubernetes.io/zone=ap-guangzhou-3
      taints:
        - key: gpu
          value: "yes"
          effect: NoSchedule
    discovery:
      file:
        kubeConfigPath: /etc/kubernetes/discovery.conf
    patches:
      directory: /etc/kubernetes/patches
    "
  `);
});

test("an etcd member that has its data: with these flags a blank directory begins and joins nothing", () => {
  expect(renderEtcdConfiguration(plan, member)).toMatchInlineSnapshot(`
    "apiVersion: kubeadm.k8s.io/v1beta4
    kind: InitConfiguration
    nodeRegistration:
      name: prod-etcd-1
      criSocket: unix:///run/containerd/containerd.sock
    localAPIEndpoint:
      advertiseAddress: 10.0.0.96
      bindPort: 6443
    ---
    apiVersion: kubeadm.k8s.io/v1beta4
    kind: ClusterConfiguration
    clusterName: prod
    kubernetesVersion: v1.36.3
    certificatesDir: /etc/kubernetes/pki
    certificateValidityPeriod: 8760h
    encryptionAlgorithm: ECDSA-P256
    imageRepository: registry.test/kubernetes-ha
    etcd:
      local:
        imageTag: v3.7.3
        dataDir: /var/lib/etcd
        serverCertSANs:
          - prod-etcd-1
          - 10.0.0.96
        peerCertSANs:
          - prod-etcd-1
          - 10.0.0.96
        extraArgs:
          - name: initial-cluster
            value: prod-etcd-1=https://10.0.0.96:2380
          - name: initial-cluster-state
            value: existing
          - name: initial-cluster-token
            value: prod
          - name: quota-backend-bytes
            value: "8589934592"
    "
  `);
});

describe("stacked etcd", () => {
  const stacked = planHaving({ etcd: { topology: "stacked" } });
  const configurations = stacked.masters.map((each) => renderInitConfiguration(stacked, each));

  test("an apiserver talks to the member beside it, which kubeadm knows as its own", () => {
    const { ClusterConfiguration } = documentsOf(configurations[0] ?? "");
    expect(ClusterConfiguration).toHaveProperty("etcd", {
      local: {
        imageTag: "v3.7.3",
        dataDir: "/var/lib/etcd",
        extraArgs: [{ name: "quota-backend-bytes", value: "8589934592" }],
      },
    });
  });

  test("all masters write the same configuration into the cluster", () => {
    const written = configurations.map((text) => documentsOf(text)["ClusterConfiguration"]);
    expect(written[1]).toEqual(written[0]);
    expect(written[2]).toEqual(written[0]);
  });

  test("a member is configured as on a host of its own", () => {
    const text = renderEtcdConfiguration(stacked, first(stacked.etcd));
    expect(text).toContain("value: prod-master-1=https://10.0.0.64:2380\n");
  });
});

describe("images from where their projects publish them", () => {
  const upstream = planHaving({ sources: {}, etcd: { topology: "stacked" } });

  test("kubeadm puts those together that the plan names", () => {
    const { ClusterConfiguration } = documentsOf(
      renderInitConfiguration(upstream, first(upstream.masters)),
    );
    expect(ClusterConfiguration).toMatchObject({
      imageRepository: "registry.k8s.io",
      dns: { imageRepository: "docker.io/coredns", imageTag: "1.15.0" },
      etcd: { local: { imageRepository: "quay.io/coreos", imageTag: "v3.7.3" } },
    });
  });

  test("a member's manifest has etcd's own image", () => {
    const { ClusterConfiguration } = documentsOf(
      renderEtcdConfiguration(upstream, first(upstream.etcd)),
    );
    expect(ClusterConfiguration).toMatchObject({
      imageRepository: "registry.k8s.io",
      etcd: { local: { imageRepository: "quay.io/coreos", imageTag: "v3.7.3" } },
    });
  });
});

/** Settings from asked-for.md that must not get lost among the others. */
test.each(["controllerManager", "scheduler"])("%s elects a leader as asked", (component) => {
  const { ClusterConfiguration } = documentsOf(renderInitConfiguration(plan, master));
  expect(ClusterConfiguration).toHaveProperty(
    `${component}.extraArgs`,
    expect.arrayContaining([
      { name: "leader-elect", value: "true" },
      { name: "leader-elect-lease-duration", value: "15s" },
      { name: "leader-elect-renew-deadline", value: "10s" },
      { name: "leader-elect-retry-period", value: "2s" },
    ]),
  );
});

test("pods leave a lost node after the configured time", () => {
  const hasty = planOf((config) => (config.controlPlane = { podEvictionSeconds: 30 }));
  const text = renderInitConfiguration(hasty, first(hasty.masters));
  expect(text).toContain('name: default-unreachable-toleration-seconds\n      value: "30"');
  expect(text).toContain('name: default-not-ready-toleration-seconds\n      value: "30"');
});

const kubeadm = process.env["KUBEADM"] ?? "kubeadm";
const haveKubeadm = spawnSync(kubeadm, ["version"]).status === 0;
const stacked = planHaving({ etcd: { topology: "stacked" } });
const withKubeadm = haveKubeadm ? test : test.skip;

/** With KUBEADM=<path>, or kubeadm in PATH. */
withKubeadm.each([
  ["init", renderInitConfiguration(plan, master)],
  ["join of a worker", renderJoinConfiguration(worker)],
  ["etcd", renderEtcdConfiguration(plan, member)],
  ["init with stacked etcd", renderInitConfiguration(stacked, first(stacked.masters))],
])("kubeadm itself takes the configuration for %s", (_, text) => {
  const dir = mkdtempSync(join(tmpdir(), "kubeadm-"));
  try {
    const discovery = join(dir, "discovery.conf");
    writeFileSync(discovery, "");
    const file = join(dir, "config.yaml");
    // kubeadm wants the file with the token to be there.
    writeFileSync(file, text.replace(paths.discovery, discovery));
    const run = spawnSync(kubeadm, ["config", "validate", "--config", file], { encoding: "utf8" });
    expect(run.stderr).toBe("");
    expect(run.stdout.trim()).toBe("ok");
  } finally {
    rmSync(dir, { recursive: true });
  }
});
