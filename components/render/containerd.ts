import { type ClusterPlan } from "../plan/cluster";
import { imageOf } from "../plan/images";
import { type HostPlan } from "../plan/model";
import { type NeededFile } from "../plan/needs";
import { type Endpoint, registryEndpoints } from "../plan/registryEndpoints";
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

/**
 * How containerd reaches each registry that has mirrors, that it may speak plain HTTP to, or whose images the cluster's own may have; all others are HTTPS
 * by themselves. What does not answer, has no such image or fails is passed over, so that the cluster's own registry is never in the way.
 */
export function renderRegistryHosts(
  plan: Pick<ClusterPlan, "config" | "registry">,
  host: HostPlan,
): NeededFile[] {
  return registryEndpoints(plan, host).map(({ registry, before, server }) => {
    const last = server === undefined || server.own ? [] : [server];
    return {
      path: `${paths.registryHosts}/${registry}/hosts.toml`,
      content: toToml({
        // Asked last. Without it that is the registry itself, at its own address.
        ...(server === undefined ? {} : { server: server.url }),
        ...(server?.own ? ownHost : {}),
        host: Object.fromEntries([...before, ...last].map((each) => [each.url, hostOf(each)])),
      }),
    };
  });
}

function hostOf({ url, own }: Endpoint) {
  const ownRoot = new URL(url).pathname !== "/";
  return {
    capabilities: ["pull", "resolve"],
    ...(ownRoot ? { override_path: true } : {}),
    ...(own ? ownHost : {}),
  };
}

/** The cluster's own registry: by its CA. A silent one costs a pull a second for each thing it asks for, not containerd's 30. */
const ownHost = { ca: paths.registryCa, dial_timeout: "1s" };
