import { type Flow } from "../model";
import { ports } from "../ports";

/** keepalived of each balancer to that of the others. */
export const vrrpFlow: Flow = {
  name: "vrrp",
  why: "VRRP between balancers",
  // Groups know no protocol 112.
  protocol: "ALL",
  from: ["balancer"],
  to: ["balancer"],
  guarded: { what: "VRRP" },
  awaited: ["balancer"],
};

/** Who talks to the balancers, and they to the masters. */
export const vipFlows: readonly Flow[] = [
  {
    name: "api-entry",
    why: "API entry",
    protocol: "TCP",
    port: ports.api,
    from: ["worker", "controlPlane", "bastion"],
    to: ["balancer"],
    awaited: ["worker"],
  },
  vrrpFlow,
  {
    name: "api",
    why: "API",
    protocol: "TCP",
    port: ports.api,
    from: ["balancer"],
    to: ["controlPlane"],
    awaited: ["balancer"],
  },
];
