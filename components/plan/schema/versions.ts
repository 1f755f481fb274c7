import { z } from "zod";
import { release } from "../fields";

/**
 * Newest releases that this version of the library is tested with. None is a default: what a cluster runs is pinned by its stack, so
 * that a newer library upgrades nothing by itself.
 */
export const newestVersions = {
  kubernetes: "v1.36.3",
  etcd: "v3.7.3",
  containerd: "v2.4.2",
  flannel: "v0.28.4",
  coredns: "v1.15.0",
  kubeNetworkPolicies: "v0.8.0",
  pause: "3.10.2",
  distribution: "v3.1.2",
  harbor: "v2.15.2",
} as const;

/** Section `versions`. */
export const versions = z
  .strictObject({
    kubernetes: release.meta({
      description:
        "Kubernetes release, v1.33 or later. Of a running cluster: all apiservers take it one after another, then the rest of each master, then workers, pool by pool. Going down by a minor release, or up by more than one, is refused before anything is touched.",
      newest: newestVersions.kubernetes,
    }),
    etcd: release.meta({
      description:
        "etcd release, v3.6.0 or later. Of a running cluster: members take it one after another, the leader last; hosts refuse to go down by a minor release, or up by more than one, before anything is touched.",
      newest: newestVersions.etcd,
    }),
    containerd: release.meta({
      description: "containerd release, 2.x.",
      newest: newestVersions.containerd,
    }),
    flannel: release.meta({ description: "flannel release.", newest: newestVersions.flannel }),
    coredns: release.meta({ description: "CoreDNS release.", newest: newestVersions.coredns }),
    kubeNetworkPolicies: release.optional().meta({
      description:
        "Release of kube-network-policies, v0.8.0 or later; wanted where `podNetwork.networkPolicy` has it.",
      defaultText: "none",
      newest: newestVersions.kubeNetworkPolicies,
    }),
    pause: release
      .transform((version) => version.slice(1))
      .meta({
        description: "Release of the pause image, whose tag has no v.",
        newest: newestVersions.pause,
      }),
    distribution: release.optional().meta({
      description:
        "Release of Distribution, 3.x, of clusters with a `registry`. Its hosts take it one after another.",
      defaultText: "none, where there is no `registry`",
      newest: newestVersions.distribution,
    }),
    harbor: release.optional().meta({
      description:
        "Release of Harbor, v2.13.0 or later, of clusters with a `registry` of kind `harbor`. Its hosts take it one after another, the first of them migrates the database; back that up before. Going down, or up by more than two minor releases, is refused before anything is touched.",
      defaultText: "none, where there is no Harbor",
      newest: newestVersions.harbor,
    }),
  })
  .describe("What the cluster runs, each pinned: a newer library upgrades nothing by itself.");

/** Releases as configured. */
export type Versions = z.output<typeof versions>;
