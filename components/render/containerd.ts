import { type ClusterPlan } from "../plan/cluster";
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
        pinned_images: { sandbox: `${config.images.repository}/pause:${config.versions.pause}` },
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

/** How containerd reaches each registry it may speak plain HTTP to; all others are HTTPS by themselves. */
export function renderRegistryHosts(plan: Pick<ClusterPlan, "config">): NeededFile[] {
  return plan.config.images.insecureRegistries.map((registry) => ({
    path: `${paths.registryHosts}/${registry}/hosts.toml`,
    content: toToml({
      server: `http://${registry}`,
      host: { [`http://${registry}`]: { capabilities: ["pull", "resolve"] } },
    }),
  }));
}
