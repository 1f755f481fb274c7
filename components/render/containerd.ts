import { type ClusterPlan } from "../plan/cluster";
import { configuredRegistries, imageOf, registryMirrors } from "../plan/images";
import { type NeededFile } from "../plan/needs";
import { paths } from "./paths";
import { renderPodCniTemplate } from "./podNetwork";
import { toToml } from "./toml";

const images = "io.containerd.cri.v1.images";
const runtime = "io.containerd.cri.v1.runtime";

/** containerd's configuration (2.x), the same on every host that runs containers. */
export function renderContainerd(plan: Pick<ClusterPlan, "config" | "podNetwork">): string {
  const { config } = plan;
  return toToml({
    version: 3,
    plugins: {
      [images]: {
        max_concurrent_downloads: 10,
        pinned_images: { sandbox: imageOf(config, "pause") },
        registry: { config_path: paths.registryHosts },
      },
      [runtime]: {
        restrict_oom_score_adj: config.containerd.restrictOomScoreAdj,
        cni: {
          bin_dirs: [paths.cniBinaries],
          conf_dir: paths.cniConfigDir,
          ...(renderPodCniTemplate(plan.podNetwork) === undefined
            ? {}
            : { conf_template: paths.cniTemplate }),
          max_conf_num: 1,
        },
        containerd: {
          runtimes: {
            runc: {
              runtime_type: "io.containerd.runc.v2",
              options: { SystemdCgroup: config.kubelet.cgroupDriver === "systemd" },
            },
          },
        },
      },
    },
  });
}

/** How containerd reaches each registry that has mirrors, or that it may speak plain HTTP to; all others are HTTPS by themselves. */
export function renderRegistryHosts({ config }: Pick<ClusterPlan, "config">): NeededFile[] {
  const mirrors = registryMirrors(config);
  return configuredRegistries(config).map((registry) => {
    const plain = config.images.insecureRegistries.includes(registry) ? [`http://${registry}`] : [];
    const endpoints = [...(mirrors[registry] ?? []), ...plain];
    return {
      path: `${paths.registryHosts}/${registry}/hosts.toml`,
      content: toToml({
        // Asked last. Without it that is the registry itself, at its own address.
        ...(plain[0] === undefined ? {} : { server: plain[0] }),
        host: Object.fromEntries(endpoints.map((endpoint) => [endpoint, hostOf(endpoint)])),
      }),
    };
  });
}

function hostOf(endpoint: string) {
  const ownRoot = new URL(endpoint).pathname !== "/";
  return { capabilities: ["pull", "resolve"], ...(ownRoot ? { override_path: true } : {}) };
}
