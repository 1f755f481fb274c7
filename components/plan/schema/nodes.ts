import { z } from "zod";
import { binaryQuantity, cpuQuantity } from "../fields";
import { host, httpAddress, registry } from "../values/hosts";
import { flags } from "./flags";
import { oidc } from "./oidc";

/** Section `images`: where containerd asks for container images, whatever they are called. */
export const images = z
  .strictObject({
    /** Registries spoken to in plain HTTP. */
    insecureRegistries: z.array(registry).default([]),
    /**
     * By registry: where its images are asked for first, in this order, and then of itself. An endpoint is `https://<host>`; with a path that is the whole
     * root of its API, as of a Harbor project that proxies: `https://harbor.example.com/v2/hub`. An empty list takes away those of `sources.preset`.
     * @default those of `sources.preset`
     */
    mirrors: z.record(registry, z.array(httpAddress)).default({}),
  })
  .prefault({});

/** Section `packages`: what apt installs. */
export const packages = z
  .strictObject({
    /** Lines for /etc/apt/sources.list.d. @default the sources of the image stay */
    aptSources: z
      .array(z.string().regex(/^deb [ -~]*\S$/, "one line that begins with deb and a space"))
      .optional(),
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

/** Section `kubelet`. */
export const kubelet = z
  .strictObject({
    /** Cgroup driver of the kubelet and of containerd. */
    cgroupDriver: z.enum(["systemd", "cgroupfs"]).default("systemd"),
    /** Whether the kubelet refuses to start on cgroup v1. @default the kubelet's own */
    failCgroupV1: z.boolean().optional(),
    /** Whether the kubelet refuses to start beside swap. Hosts switch theirs off; false only where that is not theirs to do. */
    failSwapOn: z.boolean().default(true),
    /** Most pods a node runs. The reservation of its kubelet and container runtime grows with it. */
    maxPods: z.int().min(10).max(250).default(110),
    /** Whether the kubelet refuses to start where the kernel's settings are not as it wants them. Hosts set them; false only where they cannot. */
    protectKernelDefaults: z.boolean().default(true),
    /** Most processes of a pod. */
    podPidsLimit: z.int().min(256).max(4_194_304).default(4096),
    /** What of the reservation cgroups enforce. @default all three; on machines below 8 GiB only pods */
    enforceNodeAllocatable: z
      .array(z.enum(["pods", "kube-reserved", "system-reserved"]))
      .optional(),
    /** Reserved for kubelet and containerd. Enforced memory is 255 + 11 × maxPods MiB or more. @default by machine size and maxPods */
    kubeReserved: reservedResources,
    /** Reserved for everything else that is no pod. @default by machine size */
    systemReserved: reservedResources,
  })
  .prefault({});

/** Section `containerd`. */
export const containerd = z
  .strictObject({
    /** Keep containerd from lowering OOM scores: needed where the machine grants no CAP_SYS_RESOURCE. */
    restrictOomScoreAdj: z.boolean().default(false),
  })
  .prefault({});

const kubeProxyModes = ["nftables", "iptables", "ipvs"] as const;

/** How Services are programmed. */
export type KubeProxyMode = (typeof kubeProxyModes)[number];

/** Section `kubeProxy`. */
export const kubeProxy = z
  .strictObject({
    /** How Services are programmed. `ipvs` goes with an entry whose proxies are IPVS, and with no other. @default ipvs there, else nftables */
    mode: z.enum(kubeProxyModes).optional(),
    /** Connection-tracking entries a core; 0 leaves the kernel's own. @default kube-proxy's own */
    conntrackMaxPerCore: z.int().min(0).optional(),
  })
  .prefault({});

/** Section `controlPlane`. */
export const controlPlane = z
  .strictObject({
    /** Seconds that pods stay bound to a node that is not ready or cannot be reached before they run elsewhere. */
    podEvictionSeconds: z.int().min(5).max(3600).default(300),
    /** Pod Security Standard of namespaces that say none themselves; kube-system is exempt. */
    podSecurity: z.enum(["privileged", "baseline", "restricted"]).default("baseline"),
    /** Flags of the components of every master. */
    extraArgs: z
      .strictObject({
        /** Of kube-apiserver. `enable-admission-plugins` replaces the list, so it has to have NodeRestriction. */
        apiServer: flags,
        /** Of kube-controller-manager. */
        controllerManager: flags,
        /** Of kube-scheduler. */
        scheduler: flags,
      })
      .prefault({}),
    /** Users of an OpenID Connect provider. Whatever a token says, no user and no group of it begins with `system:`. @default none */
    oidc: oidc.optional(),
    /** Names and addresses that the apiservers' certificates hold besides those by which hosts, nodes and pods ask. @default none */
    extraSans: z.array(host).default([]),
  })
  .prefault({});

/** Section `preflight`. */
export const preflight = z
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
