import { z } from "zod";
import {
  address,
  binaryQuantity,
  cidr,
  cpuQuantity,
  disk,
  dnsName,
  instanceType,
  label,
  memberKey,
  members,
  release,
  zone,
} from "./fields";

const systemDisk = disk({ type: "CLOUD_PREMIUM", sizeGiB: 50 });

const network = z.strictObject({
  /** Range of the VPC. */
  vpcCidr: cidr,
  /** Zones the cluster uses, one subnet each (/16 to /24). New ones go last: the first is the default of every member. */
  zones: z
    .array(
      z.strictObject({
        /** Zone of the region. */
        zone,
        /** Range of the subnet, inside the VPC's. */
        subnetCidr: cidr,
      }),
    )
    .min(1),
  /** Range pods get their addresses from; each node takes a /24 of it. */
  podCidr: cidr.default("10.244.0.0/16"),
  /** Range of Service addresses; the first is the API's, the tenth the DNS server's. */
  serviceCidr: cidr.default("10.96.0.0/16"),
  /** DNS domain inside the cluster. */
  clusterDomain: dnsName.default("cluster.local"),
  /** The one name of the API, in the certificates and in /etc/hosts of every host. @default `api.<cluster>.internal` */
  apiName: dnsName.optional(),
  /** Ranges, besides the nodes themselves, that may reach NodePort Services. @default none */
  nodePortCidrs: z.array(cidr).default([]),
});

const bastion = z.strictObject({
  /** Instance type of the bastion, the only host reached from outside. */
  instanceType,
  /** System disk. */
  systemDisk,
  /** Ranges that may log in to the bastion. There is no default: a bastion open to the world is a decision. */
  allowedCidrs: z.array(cidr).min(1),
});

const etcd = z.strictObject({
  /** Where etcd runs. Only `external`, on hosts of its own, exists so far. */
  topology: z.literal("external").default("external"),
  /** 3, 5 or 7 members, as a count or as keys. */
  members,
  /** Instance type of every member. */
  instanceType,
  /** System disk. */
  systemDisk,
  /** Data disk of its own; the write-ahead log wants fdatasync under 10 ms, so no CLOUD_PREMIUM. */
  disk: disk({ type: "CLOUD_HSSD", sizeGiB: 50 }),
});

const masters = z.strictObject({
  /** Two or more masters, as a count or as keys. */
  members,
  /** Instance type of every master. */
  instanceType,
  /** System disk. */
  systemDisk,
});

const taint = z.strictObject({
  key: z.string().min(1),
  value: z.string().optional(),
  effect: z.enum(["NoSchedule", "PreferNoSchedule", "NoExecute"]),
});

const worker = z.strictObject({
  /** Name of the pool, part of its hosts' names. */
  pool: label(20),
  /** Workers of the pool, as a count or as keys. */
  members,
  /** Instance type of the pool. */
  instanceType,
  /** System disk; the images and writable layers of pods live on it. */
  systemDisk,
  /** Zone of the pool. @default the first zone of the network */
  zone: zone.optional(),
  /** First block of 32 addresses of the pool in its subnet. A second pool needs one that the first will not grow into. */
  addressBlock: z.int().min(0).max(2000).default(0),
  /** Labels the nodes register with. */
  labels: z.record(z.string(), z.string()).default({}),
  /** Taints the nodes register with. */
  taints: z.array(taint).default([]),
});

const entry = z.strictObject({
  /** `vip`: a HAVIP held by keepalived on a pair of balancers that run HAProxy. */
  kind: z.literal("vip").default("vip"),
  /** Hosts that carry the VIP and HAProxy. */
  balancers: z.strictObject({
    /** Two or more balancers, all in one zone, as a count or as keys. */
    members,
    /** Instance type of every balancer. */
    instanceType,
    /** System disk. */
    systemDisk,
  }),
  /** The virtual address, in the balancers' subnet. @default address 10 of that subnet */
  vip: address.optional(),
  /** VRRP router id, unique among the keepalived groups of the subnet. */
  virtualRouterId: z.int().min(1).max(255).default(51),
});

const artifacts = z.strictObject({
  /** Where hosts fetch binaries: `<baseUrl>/<name>/<version>/<arch>/<file>`, with `<file>.sha256` beside each. */
  baseUrl: z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, "")),
  /** Pinned sha256 by path below baseUrl; a file that is not here is checked against its `.sha256`. */
  checksums: z.record(z.string(), z.string().regex(/^[0-9a-f]{64}$/, "a sha256")).default({}),
});

const images = z.strictObject({
  /** Repository all images are pulled from, such as registry.example.com/kubernetes-ha. */
  repository: z.string().regex(/^[a-z0-9.:-]+(\/[a-z0-9._-]+)+$/, "<registry>/<path>, no scheme"),
  /** Registries spoken to in plain HTTP. */
  insecureRegistries: z.array(z.string().regex(/^[a-z0-9.-]+(:\d+)?$/, "host:port")).default([]),
});

const packages = z
  .strictObject({
    /** Lines for /etc/apt/sources.list.d. @default the sources of the image stay */
    aptSources: z.array(z.string().startsWith("deb ")).optional(),
  })
  .default({});

const reservedResources = z
  .strictObject({
    /** Processor time. */
    cpu: cpuQuantity.optional(),
    /** Memory. */
    memory: binaryQuantity.optional(),
    /** Storage on the system disk. */
    ephemeralStorage: binaryQuantity.optional(),
  })
  .default({});

const kubelet = z
  .strictObject({
    /** Cgroup driver of the kubelet and of containerd. */
    cgroupDriver: z.enum(["systemd", "cgroupfs"]).default("systemd"),
    /** Whether the kubelet refuses to start on cgroup v1. @default the kubelet's own */
    failCgroupV1: z.boolean().optional(),
    /** Whether the kubelet refuses to start beside swap. Hosts switch theirs off; false only where that is not theirs to do. */
    failSwapOn: z.boolean().default(true),
    /** Most pods a node runs. */
    maxPods: z.int().min(10).max(250).default(110),
    /** What of the reservation cgroups enforce. @default all three; on machines below 8 GiB only pods */
    enforceNodeAllocatable: z
      .array(z.enum(["pods", "kube-reserved", "system-reserved"]))
      .optional(),
    /** Reserved for kubelet and containerd. @default by machine size */
    kubeReserved: reservedResources,
    /** Reserved for everything else that is no pod. @default by machine size */
    systemReserved: reservedResources,
  })
  .prefault({});

const containerd = z
  .strictObject({
    /** Keep containerd from lowering OOM scores: needed where the machine grants no CAP_SYS_RESOURCE. */
    restrictOomScoreAdj: z.boolean().default(false),
  })
  .prefault({});

const kubeProxy = z
  .strictObject({
    /** How Services are programmed. */
    mode: z.enum(["nftables", "iptables"]).default("nftables"),
    /** Connection-tracking entries a core; 0 leaves the kernel's own. @default kube-proxy's own */
    conntrackMaxPerCore: z.int().min(0).optional(),
  })
  .prefault({});

const controlPlane = z
  .strictObject({
    /** Seconds that pods stay bound to a node that is not ready or cannot be reached before they run elsewhere. */
    podEvictionSeconds: z.int().min(5).max(3600).default(300),
  })
  .prefault({});

const preflight = z
  .strictObject({
    /**
     * Whether the cloud is asked before anything is made: credentials, permissions, zones, types, disks, image, quotas, stock. False
     * where the provider has its credentials from elsewhere than its environment or configuration (an assumed role).
     */
    cloud: z.boolean().default(true),
    /** Milliseconds a host's clock may differ from the median of its own and its peers'. etcd warns at 1000. */
    clockSkewMs: z.int().min(10).max(60_000).default(500),
    /** Milliseconds that the 99th percentile of write and fdatasync may take on etcd's blank data disk. etcd's documentation asks for 10. */
    fdatasyncMs: z.int().min(1).max(60_000).default(10),
  })
  .prefault({});

/** Sections of the configuration object, each checked for itself first, then against the others. */
export const sections = {
  /** Name of the cluster, first part of every name it makes. */
  name: label(20),
  /** Kubernetes release, v1.33 or later. */
  kubernetesVersion: release.prefault("1.36.3"),
  /** etcd release. */
  etcdVersion: release.prefault("3.7.3"),
  /** containerd release, 2.x. */
  containerdVersion: release.prefault("2.4.2"),
  /** flannel release. */
  flannelVersion: release.prefault("0.28.4"),
  /** CoreDNS release. */
  corednsVersion: release.prefault("1.15.0"),
  /** Release of the pause image, whose tag has no v. */
  pauseVersion: release.transform((version) => version.slice(1)).prefault("3.10.2"),
  /** Processor architecture of every host. */
  architecture: z.enum(["amd64", "arm64"]).default("amd64"),
  /** Image of every host: Debian 12 or Ubuntu 22.04 with cloud-init. Pinned, as a new id re-images machines. */
  imageId: z.string().regex(/^img-[a-z0-9]{8}$/, "an image id such as img-7ag0z2jt"),
  /** Login user that user data creates; it has sudo. */
  sshUser: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,30}$/, "a Linux user name")
    .default("kubernetes"),
  /** Network interface that holds the private address of every host. */
  networkInterface: z
    .string()
    .regex(/^[a-z][a-z0-9]{1,14}$/, "an interface name such as eth0")
    .default("eth0"),
  /** Tags for every resource that can carry tags, besides the cluster's own. */
  tags: z.record(z.string().min(1).max(127), z.string().max(255)).default({}),
  /** Time servers of the hosts. */
  ntpServers: z
    .array(z.string().min(1))
    .min(1)
    .default(["time1.tencentyun.com", "time2.tencentyun.com", "time3.tencentyun.com"]),
  network,
  bastion,
  etcd,
  masters,
  /** Worker pools. */
  workers: z.array(worker).default([]),
  entry,
  artifacts,
  images,
  packages,
  controlPlane,
  kubelet,
  containerd,
  kubeProxy,
  preflight,
} as const;

/** The one configuration object, `tencentcloud-kubernetes-ha:cluster` of the stack. */
export const clusterSchema = z.strictObject(sections);

/** A configuration that has been read: defaults filled in, every rule kept. */
export type ClusterConfig = z.output<typeof clusterSchema>;

/** What may be written in the stack's configuration. */
export type ClusterConfigInput = z.input<typeof clusterSchema>;

export type WorkerPoolConfig = ClusterConfig["workers"][number];

/** Key of a member, for those who make their own (see {@link memberKey}). */
export { memberKey };
