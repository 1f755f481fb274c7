import { type Flow } from "../model";
import { ports } from "../ports";
import { clientDuties, type Duty } from "../roles";
import { type ExtraFrontend, frontendFlows } from "./frontends";
import { type LvsPlan } from "./lvs";

/** keepalived of each director to that of the others; with it go copies of connections (UDP 8848). */
export const vrrp: Flow = {
  name: "vrrp",
  why: "VRRP between directors, and copies of connections",
  // Groups know no protocol 112.
  protocol: "ALL",
  from: ["director"],
  to: ["director"],
  guarded: { what: "VRRP" },
  awaited: ["director"],
};

/** What decides between whom connections go. */
type Path = Pick<LvsPlan, "forwarding" | "extraFrontends"> & { balancers: readonly unknown[] };

/** What those do that directors send connections to. */
export function realDuty({ balancers }: Pick<Path, "balancers">): Duty {
  return balancers.length > 0 ? "balancer" : "controlPlane";
}

/** Who talks to whom because of directors. */
export function lvsFlows(plan: Path): Flow[] {
  const { forwarding, balancers, extraFrontends = [] } = plan;
  const tcp = { protocol: "TCP", port: ports.api } as const;
  const entry = { name: "api-entry", why: "API entry", ...tcp };
  const api = { name: "api", why: "API", ...tcp };
  const toDirectors: Flow = { ...entry, from: clientDuties, to: ["director"], awaited: ["worker"] };
  const onward: Flow = { ...api, from: ["director"], to: [realDuty(plan)], awaited: ["director"] };
  // What comes by MAC has its client's address. Nodes reach the masters anyway.
  const byMac: Flow = {
    ...{ ...entry, why: "API entry, forwarded by MAC" },
    from: balancers.length > 0 ? clientDuties : ["bastion"],
    to: [realDuty(plan)],
  };
  const health: Flow = {
    ...{ name: "proxy-health", why: "health of HAProxy", protocol: "TCP" },
    port: ports.proxyHealth,
    from: ["director"],
    to: ["balancer"],
  };
  const toMasters: Flow = {
    ...{ ...api, from: ["balancer"], to: ["controlPlane"] },
    awaited: ["balancer"],
  };
  return [
    ...[toDirectors, vrrp, onward],
    ...(forwarding === "dr" ? [byMac] : []),
    ...(balancers.length > 0 ? [health, toMasters] : []),
    ...frontendFlows(extraFrontends, forwarding === "dr" ? ["director", "balancer"] : ["director"]),
    ...(forwarding === "nat" ? extraFrontends.map(translated) : []),
  ];
}

/** What a director has made itself the sender of. */
function translated({ name, port }: ExtraFrontend): Flow {
  return {
    ...{ name: "extra-frontend", why: `${name}, from the directors`, protocol: "TCP", port },
    from: ["director"],
    to: ["balancer"],
  };
}
