import { z } from "zod";
import { type Flow, type HostPlan } from "../model";
import { type HostNeeds } from "../needs";
import { ports } from "../ports";
import { nodeDuties, share } from "../roles";
import { type PodNetwork, type PodNetworkBase, type PodNetworkSite } from "./kind";

/** Of what containerd writes for the plugins; Debian 12's know it, Ubuntu 22.04's first ones do not. */
export const cniVersion = "1.0.0";

const config = z.strictObject({
  kind: z
    .literal("flannel")
    .default("flannel")
    .describe("`flannel`: a VXLAN between the nodes; no network policies."),
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

function needs(_: FlannelPlan, { duties }: HostPlan): HostNeeds {
  return {
    // On every host with containers, so that they all have one list.
    modules: ["vxlan"],
    ...(share(duties, nodeDuties)
      ? {
          packages: ["containernetworking-plugins"],
          images: ["flannel"],
          cniPlugins: ["bridge", "host-local", "portmap"].map((name) => ({
            name,
            version: cniVersion,
          })),
        }
      : {}),
  };
}

/** flannel, with its VXLAN backend. */
export const flannel = {
  kind: "flannel",
  config,
  plan: (_, { podCidr, networkInterface, imageOf, rules }) => ({
    kind: "flannel",
    podCidr,
    networkInterface,
    image: imageOf("flannel"),
    rules,
  }),
  flows,
  needs,
} satisfies PodNetwork<FlannelConfig, FlannelPlan>;
