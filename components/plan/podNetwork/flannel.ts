import { type Flow } from "../model";
import { ports } from "../ports";
import { nodeDuties } from "../roles";

/** Pods of different nodes reach each other through VXLAN. */
export const flannelFlows: readonly Flow[] = [
  {
    name: "pod-network",
    why: "pod network",
    protocol: "UDP",
    port: ports.vxlan,
    from: nodeDuties,
    to: nodeDuties,
  },
];
