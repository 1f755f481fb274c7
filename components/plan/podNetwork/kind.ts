import { type z } from "zod";
import { type ImageName } from "../images";
import { type Flow, type HostPlan } from "../model";
import { type HostNeeds } from "../needs";
import { type NetworkPolicyPlan } from "./networkPolicy";

/** What every pod network has. */
export interface PodNetworkBase {
  kind: string;
  podCidr: string;
  /** What enforces network policies beside it. @default the pod network itself, or nothing */
  networkPolicy?: NetworkPolicyPlan | undefined;
}

/** What a pod network is planned from, beside its configuration. */
export interface PodNetworkSite {
  podCidr: string;
  networkInterface: string;
  /** An image as it is pulled. */
  imageOf: (name: ImageName) => string;
  /** How the nodes' rules are written, by kube-proxy and by whoever else writes some. */
  rules: "nftables" | "iptables";
}

/** How pods reach each other. `C` is its branch of the section `podNetwork`, `P` its plan; its manifests are in components/render. */
export interface PodNetwork<C extends { kind: string }, P extends PodNetworkBase> {
  kind: C["kind"];
  /** Its branch of the configuration: a strict object whose `kind` is this kind's. */
  config: z.ZodType<C>;
  plan(config: C, site: PodNetworkSite): P;
  /** Who talks to whom because of it, whatever the plan. */
  flows: readonly Flow[];
  /** What a host that runs containers needs because of it. Hosts of etcd run containers, too, and are no nodes. */
  needs(plan: P, host: HostPlan): HostNeeds;
}
