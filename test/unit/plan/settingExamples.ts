import type { ClusterConfigInput } from "../../../components/plan/config";
import { minimalConfig } from "./fixture";

type Entry = ClusterConfigInput["entry"];
type Pool = NonNullable<ClusterConfigInput["workers"]>[number];

/** A change of one setting of a living cluster. */
export interface Example {
  /** The value it gets. */
  to: unknown;
  /** Other entry that the setting is one of. @default `vip` on hosts of its own */
  entry?: Entry;
  /** Other sources that the setting is one of. @default a mirror */
  sources?: ClusterConfigInput["sources"];
  /** The registry that the setting is one of. @default there is none */
  registry?: ClusterConfigInput["registry"];
  /** Id of the VPC that is there already, whose setting it is. @default the cluster makes a VPC */
  vpcId?: string;
  /** Whether network policies are enforced, by what the setting is one of. @default no */
  policies?: true;
  /** What the pool of workers has that the setting is one of. @default what it has to have */
  pool?: Partial<Pool>;
  /** The setting as people write it, where an element of a list is meant. @default the setting's own path */
  at?: string;
}

/** Of an authority that issues nothing any more: its key was never kept. */
export const certificate = `-----BEGIN CERTIFICATE-----
MIIBdTCCARugAwIBAgIUHVO4KDZkpgNvcpIvyMBpUqkYlLYwCgYIKoZIzj0EAwIw
EDEOMAwGA1UEAwwFbG9naW4wHhcNMjYxMTI2MjIwMTQzWhcNMzYxMTIzMjIwMTQz
WjAQMQ4wDAYDVQQDDAVsb2dpbjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABKdH
4rMroMAPzHF272KWG3s/MJ0803utxPmHI8pC+3fiameu9zl8CSkM0IN+TQ8tD/qv
/gZGO5hFubexdh+ORtejUzBRMB0GA1UdDgQWBBRemB3RrMeFCI0YtGbUFPf+fLQ6
sDAfBgNVHSMEGDAWgBRemB3RrMeFCI0YtGbUFPf+fLQ6sDAPBgNVHRMBAf8EBTAD
AQH/MAoGCCqGSM49BAMCA0gAMEUCIGXr2BH/4Wj7aTICoKElc5g+mmjlFNvg5ZGc
qqH1nrYdAiEAmgjBrNQk4+lrZy6aXnA3DLij9NBpraZgDvQwNXRcuj0=
-----END CERTIFICATE-----
`;

const oidc = { issuerUrl: "https://login.example.com", clientId: "kubernetes" };
const oidcExample = (part: Record<string, string>): Example => ({
  to: { ...oidc, ...part },
  at: "controlPlane.oidc",
});
const pair = { members: 2, instanceType: "S5.MEDIUM2" };
const lvs: Entry = { kind: "lvs", forwarding: "nat", directors: pair, balancers: pair };
const ipvs: Entry = { kind: "nodeLocal", proxy: "ipvs" };
/** A registry of the cluster's own, and an example of a setting of it. */
const registry: ClusterConfigInput["registry"] = {
  ...{ kind: "distribution", members: 2, instanceType: "S5.MEDIUM2" },
  cos: { bucket: "images-1250000000" },
};
const ofRegistry = (to: unknown): Example => ({ to, registry });
const harbor: ClusterConfigInput["registry"] = {
  ...{ kind: "harbor", members: 2, instanceType: "S5.MEDIUM4" },
  cos: { bucket: "images-1250000000" },
  ...{ database: { host: "10.0.9.5" }, redis: { host: "10.0.9.6" } },
};
const ofHarbor = (to: unknown): Example => ({ to, registry: harbor });
const systemDisk = (role: string, at = role): Record<string, Example> => ({
  [`${role}.systemDisk.type`]: { to: "CLOUD_HSSD", at: `${at}.systemDisk.type` },
  [`${role}.systemDisk.sizeGiB`]: { to: 100, at: `${at}.systemDisk.sizeGiB` },
});

const dataDisk = { type: "CLOUD_SSD", sizeGiB: 100, encrypt: false, mountPath: "/data" } as const;
const ofDisk = (part: Partial<Pool["dataDisk"]>): Example => ({
  to: { ...dataDisk, ...part },
  at: "workers.0.dataDisk",
  pool: { dataDisk },
});
const ofCharge = (charge: NonNullable<Pool["charge"]>, part: object): Example => ({
  to: { ...charge, ...part },
  at: "workers.0.charge",
  pool: { charge },
});
/** A key whose second generation has come: neither of its settings changes alone. */
const rotated = (key: string): Example => ({
  to: { generation: 2, phase: "trust" },
  at: `pki.rotation.${key}`,
});
const prepaid = { kind: "prepaid", months: 1 } as const;

const volume = {
  ...{ name: "audit", hostPath: "/srv/audit", mountPath: "/audit" },
  ...{ readOnly: false, pathType: "Directory" },
};
/** Examples of settings that each component of a master has, by their names below `controlPlane`. */
const ofComponents = (examples: (component: string) => Record<string, Example>) =>
  Object.fromEntries(
    ["apiServer", "controllerManager", "scheduler"].flatMap((component) =>
      Object.entries(examples(component)).map(([name, example]) => [
        `controlPlane.${name}`,
        example,
      ]),
    ),
  );

/** An example of every setting. */
export const settingExamples: Readonly<Record<string, Example>> = {
  name: { to: "other" },
  "versions.kubernetes": { to: "v1.37.2" },
  "versions.etcd": { to: "v3.6.9" },
  "versions.containerd": { to: "v2.4.1" },
  "versions.flannel": { to: "v0.28.3" },
  "versions.coredns": { to: "v1.14.0" },
  "versions.kubeNetworkPolicies": { to: "v0.8.1", policies: true },
  "versions.pause": { to: "v3.10.1" },
  "versions.distribution": { to: "v3.1.1", registry },
  "versions.harbor": { to: "v2.15.1", registry: harbor },
  architecture: { to: "arm64" },
  imageId: { to: "img-00000000" },
  sshUser: { to: "admin" },
  networkInterface: { to: "ens5" },
  tags: { to: { team: "infra" } },
  ntpServers: { to: ["time.example.com"] },
  "network.vpcCidr": { to: "10.0.0.0/15" },
  "network.existing.vpcId": { to: "vpc-8f3ka92p" },
  "network.existing.subnetIds": {
    ...{ to: { "ap-guangzhou-3": "subnet-2k8fw1pq" }, vpcId: "vpc-8f3ka92p" },
  },
  "network.zones[].zone": { to: "ap-guangzhou-6", at: "network.zones.0.zone" },
  "network.zones[].subnetCidr": { to: "10.0.0.0/21", at: "network.zones.0.subnetCidr" },
  "network.layer2": { to: true },
  "network.nat": { to: true },
  "network.podCidr": { to: "10.128.0.0/16" },
  "network.serviceCidr": { to: "10.97.0.0/16" },
  "network.clusterDomain": { to: "prod.example.com" },
  "network.apiName": { to: "api.example.com" },
  "network.podLinkLocalCidrs": { to: ["169.254.0.47/32"] },
  "network.nodePortCidrs": { to: ["10.9.0.0/16"] },
  "bastion.publicAddress": { to: false },
  "podNetwork.networkPolicy": { to: "kube-network-policies" },
  "bastion.instanceType": { to: "S5.LARGE8" },
  ...systemDisk("bastion"),
  "bastion.allowedCidrs": { to: ["198.51.100.0/24"] },
  "etcd.members": { to: 5 },
  "etcd.instanceType": { to: "S5.LARGE16" },
  ...systemDisk("etcd"),
  "etcd.topology": { to: { topology: "stacked" }, at: "etcd" },
  "etcd.disk.type": { to: "CLOUD_SSD" },
  "etcd.disk.encrypt": { to: true },
  "etcd.disk.sizeGiB": { to: 100 },
  "etcd.snapshots.enabled": { to: false },
  "etcd.snapshots.every": { to: "15m" },
  "etcd.snapshots.keep": { to: 48 },
  "etcd.snapshots.keepDays": { to: 30 },
  "etcd.snapshots.cos.bucket": {
    to: { bucket: "backups-1250000000" },
    at: "etcd.snapshots.cos",
  },
  "etcd.snapshots.cos.endpoint": {
    to: { bucket: "backups-1250000000", endpoint: "https://cos.ap-guangzhou.tencentcos.cn" },
    at: "etcd.snapshots.cos",
  },
  "etcd.extraArgs": { to: { "heartbeat-interval": "200" } },
  "masters.members": { to: 4 },
  "masters.instanceType": { to: "S5.LARGE16" },
  ...systemDisk("masters"),
  "workers[].pool": { to: "general", at: "workers.0.pool" },
  "workers[].members": { to: 3, at: "workers.0.members" },
  "workers[].instanceType": { to: "S5.LARGE16", at: "workers.0.instanceType" },
  ...systemDisk("workers[]", "workers.0"),
  "workers[].zone": { to: "ap-guangzhou-4", at: "workers.0.zone" },
  "workers[].addressBlock": { to: 2, at: "workers.0.addressBlock" },
  "workers[].labels": { to: { team: "ml" }, at: "workers.0.labels" },
  "workers[].taints": { to: [{ key: "gpu", effect: "NoSchedule" }], at: "workers.0.taints" },
  "workers[].maxUnavailable": { to: 2, at: "workers.0.maxUnavailable" },
  "workers[].dataDisk.type": ofDisk({ type: "CLOUD_HSSD" }),
  "workers[].dataDisk.sizeGiB": ofDisk({ sizeGiB: 200 }),
  "workers[].dataDisk.encrypt": ofDisk({ encrypt: true }),
  "workers[].dataDisk.mountPath": ofDisk({ mountPath: "/srv" }),
  "workers[].charge.kind": { to: prepaid, at: "workers.0.charge" },
  "workers[].charge.maxPrice": ofCharge({ kind: "spot", maxPrice: "0.5" }, { maxPrice: "1" }),
  "workers[].charge.months": ofCharge(prepaid, { months: 12 }),
  "workers[].charge.autoRenew": ofCharge(prepaid, { autoRenew: false }),
  "workers[].firstBootScript": {
    ...{ to: "#!/bin/sh\nmodprobe nbd\n", at: "workers.0.firstBootScript" },
  },
  "workers[].imageId": { to: "img-00000000", at: "workers.0.imageId" },
  "workers[].architecture": {
    ...{ to: "arm64", at: "workers.0.architecture", pool: { imageId: "img-00000000" } },
  },
  "entry.kind": { to: { kind: "clb" }, at: "entry" },
  "entry.on": { to: { kind: "vip", on: "masters" }, at: "entry" },
  "entry.balancers.members": { to: 3 },
  "entry.balancers.instanceType": { to: "S5.LARGE8" },
  ...systemDisk("entry.balancers"),
  "entry.vip": { to: "10.0.0.11" },
  "entry.virtualRouterId": { to: 60 },
  "entry.zone": { to: "ap-guangzhou-4", entry: { kind: "clb" } },
  "entry.forwarding": { to: "dr", entry: lvs },
  "entry.directors.members": { to: 3, entry: lvs },
  "entry.directors.instanceType": { to: "S5.LARGE8", entry: lvs },
  "entry.directors.systemDisk.type": { to: "CLOUD_HSSD", entry: lvs },
  "entry.directors.systemDisk.sizeGiB": { to: 100, entry: lvs },
  "entry.scheduler": { to: "rr", entry: lvs },
  "entry.proxy": { to: "haproxy", entry: ipvs },
  "entry.virtualAddress": { to: "10.103.97.3", entry: ipvs },
  "entry.extraFrontends": {
    to: [{ name: "harbor", port: 443, servers: ["10.9.0.10:443"] }],
  },
  "registry.kind": { to: harbor, at: "registry", registry },
  "registry.members": ofRegistry(3),
  "registry.instanceType": ofRegistry("S5.LARGE8"),
  "registry.systemDisk.type": { ...ofRegistry({ type: "CLOUD_HSSD" }), at: "registry.systemDisk" },
  "registry.systemDisk.sizeGiB": { ...ofRegistry({ sizeGiB: 100 }), at: "registry.systemDisk" },
  "registry.hostname": ofRegistry("images.prod.internal"),
  "registry.port": ofRegistry(5000),
  "registry.pushPort": ofRegistry(5001),
  "registry.allowedCidrs": ofRegistry(["10.9.0.0/16"]),
  "registry.pushCidrs": ofRegistry(["10.9.0.0/16"]),
  "registry.mirrored": ofRegistry(["docker.io"]),
  "registry.cos.bucket": ofRegistry("other-1250000000"),
  "registry.cos.endpoint": ofRegistry("https://cos.ap-guangzhou.tencentcos.cn"),
  "registry.database.host": ofHarbor("10.0.9.7"),
  "registry.database.port": ofHarbor(5433),
  "registry.database.name": ofHarbor("harbor"),
  "registry.database.username": ofHarbor("harbor"),
  "registry.database.sslMode": ofHarbor("disable"),
  "registry.redis.host": ofHarbor("10.0.9.7"),
  "registry.redis.port": ofHarbor(6380),
  "registry.redis.username": ofHarbor("harbor"),
  "registry.redis.tls": ofHarbor(true),
  "registry.trustedCertificates": ofHarbor(certificate),
  "monitoring.allowedCidrs": { to: { allowedCidrs: ["10.9.0.0/16"] }, at: "monitoring" },
  "monitoring.inCluster": { to: { inCluster: true }, at: "monitoring" },
  generations: { to: { "worker-1": 2 } },
  leaving: { to: ["etcd-1"] },
  "drain.timeoutSeconds": { to: 60 },
  "drain.onTimeout": { to: "force" },
  "sources.kind": { to: { kind: "upstream" }, at: "sources" },
  "sources.preset": { to: "china", sources: {} },
  "sources.releases.kubernetes": {
    ...{ to: { kubernetes: "http://other.test/k" }, at: "sources.releases", sources: {} },
  },
  "sources.releases.containerd": {
    ...{ to: { containerd: "http://other.test/c" }, at: "sources.releases", sources: {} },
  },
  "sources.releases.etcd": {
    ...{ to: { etcd: "http://other.test/e" }, at: "sources.releases", sources: {} },
  },
  "sources.releases.distribution": {
    to: { distribution: "http://other.test/d" },
    ...{ at: "sources.releases", sources: {}, registry },
  },
  "sources.checksums": {
    to: { "kubernetes/v1.36.3/amd64/kubelet": "0".repeat(64) },
  },
  "sources.baseUrl": { to: "http://other.test/artifacts" },
  "sources.imageRepository": { to: "other.test/kubernetes-ha" },
  "images.insecureRegistries": { to: ["registry.test"] },
  "images.mirrors": { to: { "docker.io": ["https://mirror.test"] } },
  "host.sysctls": { to: { "vm.max_map_count": "262144" } },
  "host.encryptSystemDisks": { to: true },
  "proxy.httpProxy": { to: "http://proxy.example.com:3128" },
  "proxy.httpsProxy": { to: "http://proxy.example.com:3128" },
  "proxy.noProxy": {
    to: { httpProxy: "http://proxy.example.com:3128", noProxy: [".example.com"] },
    at: "proxy",
  },
  "packages.aptSources": { to: ["deb http://mirror.test/debian bookworm main"] },
  "controlPlane.podEvictionSeconds": { to: 60 },
  "controlPlane.podSecurity": { to: "privileged" },
  "controlPlane.extraArgs.apiServer": { to: { "max-requests-inflight": "800" } },
  "controlPlane.extraArgs.controllerManager": { to: { "terminated-pod-gc-threshold": "100" } },
  "controlPlane.extraArgs.scheduler": { to: { "kube-api-qps": "100" } },
  ...ofComponents((component) => ({
    ...Object.fromEntries(
      Object.keys(volume).map((field) => [
        `extraVolumes.${component}[].${field}`,
        { to: [volume], at: `controlPlane.extraVolumes.${component}` },
      ]),
    ),
    [`extraEnvs.${component}`]: { to: { GOGC: "50" } },
  })),
  "controlPlane.extraFiles": { to: { "audit-webhook.yaml": "kind: Config\n" } },
  "controlPlane.oidc.issuerUrl": oidcExample({}),
  "controlPlane.oidc.clientId": oidcExample({}),
  "controlPlane.oidc.usernameClaim": oidcExample({ usernameClaim: "email" }),
  "controlPlane.oidc.usernamePrefix": oidcExample({ usernamePrefix: "ops:" }),
  "controlPlane.oidc.groupsClaim": oidcExample({ groupsClaim: "groups" }),
  "controlPlane.oidc.groupsPrefix": oidcExample({ groupsClaim: "groups", groupsPrefix: "ops:" }),
  "controlPlane.oidc.certificateAuthority": oidcExample({ certificateAuthority: certificate }),
  "controlPlane.extraSans": { to: ["api.example.com", "203.0.113.7"] },
  "kubelet.cgroupDriver": { to: "cgroupfs" },
  "kubelet.failCgroupV1": { to: false },
  "kubelet.failSwapOn": { to: false },
  "kubelet.maxPods": { to: 60 },
  "kubelet.podPidsLimit": { to: 1024 },
  "kubelet.protectKernelDefaults": { to: false },
  "kubelet.enforceNodeAllocatable": { to: ["pods"] },
  "kubelet.extraConfig": { to: { imageGCHighThresholdPercent: 75 } },
  "kubelet.kubeReserved.cpu": { to: "300m" },
  "kubelet.kubeReserved.memory": { to: "3Gi" },
  "kubelet.kubeReserved.ephemeralStorage": { to: "2Gi" },
  "kubelet.systemReserved.cpu": { to: "300m" },
  "kubelet.systemReserved.memory": { to: "2Gi" },
  "kubelet.systemReserved.ephemeralStorage": { to: "2Gi" },
  "containerd.restrictOomScoreAdj": { to: true },
  "kubeProxy.mode": { to: "iptables" },
  "kubeProxy.conntrackMaxPerCore": { to: 0 },
  "pki.certificateValidity": { to: "4380h" },
  "pki.rotation.kubernetesCa.generation": rotated("kubernetesCa"),
  "pki.rotation.kubernetesCa.phase": rotated("kubernetesCa"),
  "pki.rotation.kubernetesCa.overlap": { to: "1h" },
  "pki.rotation.encryptionKey.generation": rotated("encryptionKey"),
  "pki.rotation.encryptionKey.phase": rotated("encryptionKey"),
  "pki.rotation.serviceAccountKey.generation": rotated("serviceAccountKey"),
  "pki.rotation.serviceAccountKey.phase": rotated("serviceAccountKey"),
  "pki.rotation.serviceAccountKey.overlap": { to: "1h" },
  "pki.rotation.etcdCa.generation": rotated("etcdCa"),
  "pki.rotation.etcdCa.phase": rotated("etcdCa"),
  "pki.rotation.frontProxyCa.generation": rotated("frontProxyCa"),
  "pki.rotation.frontProxyCa.phase": rotated("frontProxyCa"),
  "pki.rotation.operatorKey.generation": rotated("operatorKey"),
  "pki.rotation.operatorKey.phase": rotated("operatorKey"),
  "preflight.cloud": { to: false },
  "preflight.clockSkewMs": { to: 300 },
  "preflight.fdatasyncMs": { to: 20 },
};

/** The cluster that a setting is changed of, before and after. */
export function exampleOf(setting: string): {
  before: ClusterConfigInput;
  after: ClusterConfigInput;
} {
  const example = settingExamples[setting];
  if (example === undefined) throw new Error(`no example of ${setting}`);
  const config = (): ClusterConfigInput => {
    const { network, workers, ...rest } = minimalConfig();
    Object.assign(workers[0], structuredClone(example.pool));
    network.layer2 = example.entry?.kind === "lvs";
    network.zones.push({ zone: "ap-guangzhou-4", subnetCidr: "10.0.16.0/20" });
    if (example.vpcId !== undefined) network.existing = { vpcId: example.vpcId };
    const { entry, sources, registry } = structuredClone({
      ...{ entry: example.entry, sources: example.sources, registry: example.registry },
    });
    const podNetwork = example.policies && { networkPolicy: "kube-network-policies" as const };
    return {
      ...{ ...rest, network, workers, ...(entry && { entry }), ...(sources && { sources }) },
      ...(registry && { registry }),
      ...(podNetwork && { podNetwork }),
    };
  };
  const after = config();
  set(after, (example.at ?? setting).split("."), example.to);
  return { before: config(), after };
}

function set(config: object, path: readonly string[], value: unknown): void {
  const [key = "", ...rest] = path;
  const at = config as Record<string, unknown>;
  if (rest.length === 0) at[key] = value;
  else set((at[key] ??= {}), rest, value);
}
