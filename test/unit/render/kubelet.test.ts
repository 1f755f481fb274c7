import {
  kubeletConfiguration,
  kubeProxyConfiguration,
  renderKubeletPatch,
  renderStandaloneKubelet,
} from "../../../components/render";
import { first, planOf } from "../plan/fixture";

test("what all nodes share", () => {
  expect(kubeletConfiguration(planOf())).toMatchInlineSnapshot(`
    {
      "apiVersion": "kubelet.config.k8s.io/v1beta1",
      "cgroupDriver": "systemd",
      "cgroupsPerQOS": true,
      "clusterDNS": [
        "10.96.0.10",
      ],
      "clusterDomain": "cluster.local",
      "containerLogMaxFiles": 5,
      "containerLogMaxSize": "10Mi",
      "eventRecordQPS": 50,
      "kind": "KubeletConfiguration",
      "makeIPTablesUtilChains": true,
      "maxParallelImagePulls": 3,
      "readOnlyPort": 0,
      "rotateCertificates": true,
      "seccompDefault": true,
      "serializeImagePulls": false,
      "shutdownGracePeriod": "60s",
      "shutdownGracePeriodCriticalPods": "20s",
      "streamingConnectionIdleTimeout": "4h0m0s",
      "tlsCipherSuites": [
        "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
        "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
        "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
        "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
        "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
      ],
      "tlsMinVersion": "VersionTLS12",
    }
  `);
});

test("a machine of 32 cores and 64 GiB: the asked-for reservation, with its cgroups", () => {
  const plan = planOf((config) => (config.workers[0].systemDisk = { sizeGiB: 100 }));
  expect(renderKubeletPatch(plan, first(plan.workers))).toMatchInlineSnapshot(`
    "apiVersion: kubelet.config.k8s.io/v1beta1
    kind: KubeletConfiguration
    failSwapOn: true
    maxPods: 110
    podPidsLimit: 4096
    protectKernelDefaults: true
    enforceNodeAllocatable:
      - pods
      - kube-reserved
      - system-reserved
    evictionHard:
      memory.available: 500Mi
      nodefs.available: 10%
      nodefs.inodesFree: 5%
      imagefs.available: 15%
    kubeReserved:
      cpu: "1"
      memory: 2Gi
      ephemeral-storage: 1Gi
    kubeReservedCgroup: /runtime.slice
    systemReserved:
      cpu: "1"
      memory: 1Gi
      ephemeral-storage: 1Gi
    systemReservedCgroup: /system.slice
    "
  `);
});

test("a small machine names no cgroup, as the kubelet would want it to be there", () => {
  const plan = planOf();
  const small = first(plan.etcd);
  expect(renderKubeletPatch(plan, small)).not.toContain("Cgroup");
  expect(renderKubeletPatch(plan, small)).toContain("enforceNodeAllocatable:\n  - pods\n");
});

test("settings of the configuration reach the kubelets", () => {
  const plan = planOf((config) => {
    config.kubelet = {
      cgroupDriver: "cgroupfs",
      failCgroupV1: false,
      failSwapOn: false,
      maxPods: 60,
      enforceNodeAllocatable: ["pods"],
      kubeReserved: { memory: "4Gi" },
    };
  });
  const shared = { cgroupDriver: "cgroupfs", failCgroupV1: false, failSwapOn: false };
  expect(kubeletConfiguration(plan)).toMatchObject({ cgroupDriver: "cgroupfs" });
  for (const [name, value] of Object.entries(shared)) {
    expect(renderStandaloneKubelet(plan, first(plan.etcd))).toContain(`${name}: ${value}\n`);
  }
  const patch = renderKubeletPatch(plan, first(plan.workers));
  expect(patch).toContain("memory: 4Gi");
  expect(patch).toContain("failCgroupV1: false\nfailSwapOn: false\nmaxPods: 60\n");
  expect(patch).not.toContain("ReservedCgroup");
});

test("the kubelet of an etcd host serves nobody but the host", () => {
  const plan = planOf();
  expect(renderStandaloneKubelet(plan, first(plan.etcd))).toMatchInlineSnapshot(`
    "apiVersion: kubelet.config.k8s.io/v1beta1
    kind: KubeletConfiguration
    address: 127.0.0.1
    authentication:
      anonymous:
        enabled: false
      webhook:
        enabled: false
    authorization:
      mode: AlwaysAllow
    cgroupDriver: systemd
    containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
    evictionHard:
      memory.available: 0%
      nodefs.available: 0%
      imagefs.available: 0%
    failSwapOn: true
    readOnlyPort: 0
    staticPodPath: /etc/kubernetes/manifests
    tlsCertFile: /etc/kubernetes/pki/etcd/server.crt
    tlsPrivateKeyFile: /etc/kubernetes/pki/etcd/server.key
    "
  `);
});

test.each([
  [undefined, {}],
  [0, { conntrack: { maxPerCore: 0 } }],
  [32768, { conntrack: { maxPerCore: 32768 } }],
])("kube-proxy with %p entries a core", (conntrackMaxPerCore, expected) => {
  const plan = planOf((config) => (config.kubeProxy = { conntrackMaxPerCore }));
  expect(kubeProxyConfiguration(plan)).toEqual({
    apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
    kind: "KubeProxyConfiguration",
    mode: "nftables",
    clusterCIDR: "10.244.0.0/16",
    ...expected,
  });
});
