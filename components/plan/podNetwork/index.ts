import { z } from "zod";
import { flannel, type FlannelPlan } from "./flannel";
import { type PodNetwork } from "./kind";

export type { FlannelPlan } from "./flannel";
export type { NetworkPolicyPlan } from "./networkPolicy";

/** Section `podNetwork`: a branch a kind. */
export const podNetwork = z.discriminatedUnion("kind", [flannel.config]);

/** The pod network as configured. */
export type PodNetworkConfig = z.output<typeof podNetwork>;

/** The pod network as planned. */
export type PodNetworkPlan = FlannelPlan;

type OfKind<T, K> = Extract<T, { kind: K }>;

/** Every pod network. One is added here, in {@link podNetwork} and in {@link PodNetworkPlan}; the compiler asks for the rest. */
export const podNetworks: {
  readonly [K in PodNetworkConfig["kind"]]: PodNetwork<
    OfKind<PodNetworkConfig, K>,
    OfKind<PodNetworkPlan, K>
  >;
} = { flannel };

/** The kind of a pod network, configured or planned. */
export function podNetworkOf({
  kind,
}: Pick<PodNetworkConfig, "kind">): PodNetwork<PodNetworkConfig, PodNetworkPlan> {
  return podNetworks[kind];
}
