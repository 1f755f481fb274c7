import { z } from "zod";
import { binaryQuantity, cpuQuantity } from "../fields";
import { host, httpAddress, registry } from "../values/hosts";
import { flags } from "./flags";
import { oidc } from "./oidc";
import { extraEnvs, extraFiles, extraVolumes } from "./staticPods";

/** Section `images`. */
export const images = z
  .strictObject({
    insecureRegistries: z
      .array(registry)
      .default([])
      .describe("Registries spoken to in plain HTTP."),
    mirrors: z
      .record(registry, z.array(httpAddress))
      .prefault({})
      .describe(
        "By registry: where its images are asked for first, in this order, and then of itself; beside those of `sources.preset`, which an empty list takes away. An endpoint is `https://<host>`; with a path that is the whole root of its API, as of a Harbor project that proxies: `https://harbor.example.com/v2/hub`.",
      ),
  })
  .prefault({})
  .describe("Where containerd asks for container images, whatever they are called.");

/** Section `packages`. */
export const packages = z
  .strictObject({
    aptSources: z
      .array(z.string().regex(/^deb [ -~]*\S$/, "one line that begins with deb and a space"))
      .optional()
      .meta({
        description: "Lines for /etc/apt/sources.list.d.",
        defaultText: "the sources of the image stay",
      }),
  })
  .default({})
  .describe("What apt installs.");

/** Resources kept from pods. @param memoryDefault what the memory is by */
function reservedResources(memoryDefault: string) {
  return z
    .strictObject({
      cpu: cpuQuantity.optional().meta({
        description: "Processor time, in cores.",
        defaultText: "by the cores of the machine",
      }),
      memory: binaryQuantity.optional().meta({
        description: "Memory, in Ki, Mi, Gi or Ti.",
        defaultText: memoryDefault,
      }),
      ephemeralStorage: binaryQuantity.optional().meta({
        description: "Storage on the system disk, in Ki, Mi, Gi or Ti.",
        defaultText: "by the size of that disk",
      }),
    })
    .default({});
}

/** Section `kubelet`. */
export const kubelet = z
  .strictObject({
    cgroupDriver: z
      .enum(["systemd", "cgroupfs"])
      .default("systemd")
      .describe("Cgroup driver of the kubelet and of containerd."),
    failCgroupV1: z.boolean().optional().meta({
      description: "Whether the kubelet refuses to start on cgroup v1.",
      defaultText: "the kubelet's own",
    }),
    failSwapOn: z
      .boolean()
      .default(true)
      .describe(
        "Whether the kubelet refuses to start beside swap. Hosts switch theirs off; false only where that is not theirs to do.",
      ),
    maxPods: z
      .int()
      .min(10)
      .max(250)
      .meta({ unit: "pods" })
      .default(110)
      .describe(
        "Most pods a node runs. The reservation of its kubelet and container runtime grows with it.",
      ),
    protectKernelDefaults: z
      .boolean()
      .default(true)
      .describe(
        "Whether the kubelet refuses to start where the kernel's settings are not as it wants them. Hosts set them; false only where they cannot.",
      ),
    podPidsLimit: z
      .int()
      .min(256)
      .max(4_194_304)
      .meta({ unit: "processes" })
      .default(4096)
      .describe("Most processes of a pod."),
    enforceNodeAllocatable: z
      .array(z.enum(["pods", "kube-reserved", "system-reserved"]))
      .optional()
      .meta({
        description: "What of the reservation cgroups enforce.",
        defaultText: "all three; on machines below 8 GiB only pods",
      }),
    extraConfig: z
      .record(
        z.string().regex(/^[a-z][A-Za-z]*$/, "a field such as imageGCHighThresholdPercent"),
        z.unknown(),
      )
      .prefault({})
      .describe(
        "Fields of KubeletConfiguration and their values, as in `imageGCHighThresholdPercent: 75`. Those that the cluster sets itself are refused. Whether a release takes a value is known by the kubelet alone: one that does not come up with it goes back to what it had, as one whose `cpuManagerPolicy` changes does while its state of before is there.",
      ),
    kubeReserved: reservedResources("by the memory of the machine and `kubelet.maxPods`").describe(
      "Reserved for kubelet and containerd. Where it is enforced, the memory is 255 + 11 × `maxPods` MiB or more.",
    ),
    systemReserved: reservedResources("by the memory of the machine").describe(
      "Reserved for everything else that is no pod.",
    ),
  })
  .prefault({})
  .describe("The kubelet of every node.");

/** Section `containerd`. */
export const containerd = z
  .strictObject({
    restrictOomScoreAdj: z
      .boolean()
      .default(false)
      .describe(
        "Keep containerd from lowering OOM scores: needed where the machine grants no CAP_SYS_RESOURCE.",
      ),
  })
  .prefault({})
  .describe("The container runtime of every host.");

const kubeProxyModes = ["nftables", "iptables", "ipvs"] as const;

/** How Services are programmed. */
export type KubeProxyMode = (typeof kubeProxyModes)[number];

/** Section `kubeProxy`. */
export const kubeProxy = z
  .strictObject({
    mode: z.enum(kubeProxyModes).optional().meta({
      description:
        "How Services are programmed. `ipvs` goes with an entry whose proxies are IPVS, and with no other.",
      defaultText: "`ipvs` there, else `nftables`",
    }),
    conntrackMaxPerCore: z.int().min(0).meta({ unit: "entries a core" }).optional().meta({
      description: "Connection-tracking entries a core; 0 leaves the kernel's own.",
      defaultText: "kube-proxy's own",
    }),
  })
  .prefault({})
  .describe("kube-proxy of every node.");

/** A part of each component of a master. @param part given the component's name */
function ofComponents<T extends z.ZodType>(part: (component: string) => T) {
  const parts = {
    apiServer: part("kube-apiserver"),
    controllerManager: part("kube-controller-manager"),
    scheduler: part("kube-scheduler"),
  };
  return z.strictObject(parts).prefault({} as never);
}

/** Section `controlPlane`. */
export const controlPlane = z
  .strictObject({
    podEvictionSeconds: z
      .int()
      .min(5)
      .max(3600)
      .meta({ unit: "seconds" })
      .default(300)
      .describe(
        "Seconds that pods stay bound to a node that is not ready or cannot be reached before they run elsewhere.",
      ),
    podSecurity: z
      .enum(["privileged", "baseline", "restricted"])
      .default("baseline")
      .describe(
        "Pod Security Standard of namespaces that say none themselves; kube-system is exempt.",
      ),
    extraArgs: z
      .strictObject({
        apiServer: flags(
          "kube-apiserver",
          "`enable-admission-plugins` replaces the list, so it has to have NodeRestriction.",
        ),
        controllerManager: flags("kube-controller-manager"),
        scheduler: flags("kube-scheduler"),
      })
      .prefault({})
      .describe("Flags of the components of every master."),
    extraVolumes: ofComponents(extraVolumes).describe(
      "Volumes of the static pods of every master.",
    ),
    extraEnvs: ofComponents(extraEnvs).describe("Environment of the static pods of every master."),
    extraFiles,
    oidc: oidc.optional().meta({
      description:
        "Users of an OpenID Connect provider. Whatever a token says, no user and no group of it begins with `system:`.",
      defaultText: "none",
    }),
    extraSans: z
      .array(host)
      .default([])
      .describe(
        "Names and addresses that the apiservers' certificates hold besides those by which hosts, nodes and pods ask.",
      ),
  })
  .prefault({})
  .describe("What masters run, and what API servers hold every pod to.");

/** Section `preflight`. */
export const preflight = z
  .strictObject({
    cloud: z
      .boolean()
      .default(true)
      .describe(
        "Whether the cloud is asked before anything is made: credentials, permissions, zones, types, disks, image, quotas, stock. False where the provider has its credentials from elsewhere than its environment or configuration (an assumed role).",
      ),
    clockSkewMs: z
      .int()
      .min(10)
      .max(60_000)
      .meta({ unit: "milliseconds" })
      .default(500)
      .describe(
        "Milliseconds a host's clock may differ from the median of its own and its peers'. etcd warns at 1000.",
      ),
    fdatasyncMs: z
      .int()
      .min(1)
      .max(60_000)
      .meta({ unit: "milliseconds" })
      .default(10)
      .describe(
        "Milliseconds that the 99th percentile of write and fdatasync may take on etcd's blank data disk. etcd's documentation asks for 10.",
      ),
  })
  .prefault({})
  .describe("What is looked at before anything is made, and before Kubernetes comes on a host.");
