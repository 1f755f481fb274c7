import { type PodNetworkPlan } from "../plan/podNetwork";
import { renderCniTemplate, renderFlannel } from "./flannel";

/** Texts of a pod network. */
interface Texts<P extends PodNetworkPlan> {
  /** What the masters apply. */
  manifests(plan: P): string;
  /**
   * Template that containerd writes a node's CNI configuration from, once the node has its range. @default the pod network's own
   * pods write one
   */
  cniTemplate?(plan: P): string;
}

const textsByKind: {
  readonly [K in PodNetworkPlan["kind"]]: Texts<Extract<PodNetworkPlan, { kind: K }>>;
} = {
  flannel: { manifests: renderFlannel, cniTemplate: renderCniTemplate },
};

const textsOf = ({ kind }: PodNetworkPlan): Texts<PodNetworkPlan> => textsByKind[kind];

/** The pod network as manifests. */
export function renderPodNetwork(plan: PodNetworkPlan): string {
  return textsOf(plan).manifests(plan);
}

/** Template of the nodes' CNI configuration; undefined when the pod network's own pods write it. */
export function renderPodCniTemplate(plan: PodNetworkPlan): string | undefined {
  return textsOf(plan).cniTemplate?.(plan);
}
