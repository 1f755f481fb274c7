import { z } from "zod";
import { type Flow, type HostPlan } from "../model";
import { type HostNeeds, mergeNeeds } from "../needs";
import { ports } from "../ports";
import { nodeDuties, share } from "../roles";
import { type PodNetwork, type PodNetworkBase, type PodNetworkSite } from "./kind";
import { networkPolicy, networkPolicyNeeds, planNetworkPolicy } from "./networkPolicy";

/** Of what containerd writes for the plugins; Debian 12's know it, Ubuntu 22.04's first ones do not. */
export const cniVersion = "1.0.0";

const config = z.strictObject({
  kind: z
    .literal("flannel")
    .default("flannel")
    .describe(
      "`flannel`: a VXLAN between the nodes. Network policies are another's (`networkPolicy`).",
    ),
  networkPolicy,
});

type FlannelConfig = z.output<typeof config>;

/** flannel between the nodes, a bridge on each. */
export interface FlannelPlan extends PodNetworkBase {
  kind: "flannel";
  /** Image of flanneld, whole. */
  image: string;
  /** Interface that carries the packets of pods between nodes. */
  networkInterface: string;
  /** How it writes its rules. */
  rules: PodNetworkSite["rules"];
}

/** Pods of different nodes reach each other through VXLAN. */
const flows: readonly Flow[] = [
  {
    name: "pod-network",
    why: "pod network",
    protocol: "UDP",
    port: ports.vxlan,
    from: nodeDuties,
    to: nodeDuties,
  },
];

function needs({ networkPolicy: policy }: FlannelPlan, { duties }: HostPlan): HostNeeds {
  // On every host with containers, so that they all have one list.
  const modules = ["vxlan"];
  if (!share(duties, nodeDuties)) return { modules };
  const own = {
    modules,
    packages: ["containernetworking-plugins"],
    images: ["flannel"] as const,
    cniPlugins: ["bridge", "host-local", "portmap"].map((name) => ({ name, version: cniVersion })),
  };
  return mergeNeeds([own, networkPolicyNeeds(policy)]);
}

/** flannel, with its VXLAN backend. */
export const flannel = {
  kind: "flannel",
  config,
  plan: (config, { podCidr, networkInterface, imageOf, rules }) => {
    const image = imageOf("flannel");
    const networkPolicy = planNetworkPolicy(config.networkPolicy, { imageOf, nftImage: image });
    return { kind: "flannel", podCidr, networkInterface, image, rules, networkPolicy };
  },
  flows,
  needs,
} satisfies PodNetwork<FlannelConfig, FlannelPlan>;
