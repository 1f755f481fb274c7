import { z } from "zod";
import { type HostNeeds } from "../needs";
import { type PodNetworkSite } from "./kind";

const kinds = ["none", "kube-network-policies"] as const;

/** Setting `networkPolicy` of a pod network that enforces none itself. */
export const networkPolicy = z
  .enum(kinds)
  .default("none")
  .describe(
    "Who enforces NetworkPolicy objects. `none`: nobody; the API takes them, and they have no effect. `kube-network-policies`: an agent on every node, which decides on the first packet of each connection of the pods that a policy selects, and lets none pass while it is away. A node whose kernel hands no packets to programs (NFQUEUE) is refused before it joins.",
  );

/** Who enforces network policies, as configured. */
export type NetworkPolicyConfig = z.output<typeof networkPolicy>;

/** What enforces network policies beside a pod network that does not. */
export interface NetworkPolicyPlan {
  kind: "kube-network-policies";
  /** Image of the agent, whole. */
  image: string;
  /** Image that has `nft`, whole: what looks whether the agent's rules are there. */
  nftImage: string;
}

/** Number of the kernel's queue that the agent decides on: the one of the project's own manifests. */
export const policyQueue = 98;

/**
 * Undefined when nobody enforces them.
 * @param nftImage Image with `nft` that every node has anyway.
 */
export function planNetworkPolicy(
  config: NetworkPolicyConfig,
  { imageOf, nftImage }: Pick<PodNetworkSite, "imageOf"> & { nftImage: string },
): NetworkPolicyPlan | undefined {
  return config === "none" ? undefined : { kind: config, image: imageOf(config), nftImage };
}

/** What a node needs for its policies to be enforced. */
export function networkPolicyNeeds(plan: NetworkPolicyPlan | undefined): HostNeeds {
  if (plan === undefined) return {};
  return {
    packages: ["nftables"],
    images: [plan.kind],
    modules: ["nfnetlink_queue"],
    packetQueues: [policyQueue],
  };
}
