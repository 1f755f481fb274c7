import { linkOf } from "./addresses";
import { plannedRoutes } from "./fabric";
import type { Network } from "./network";
import { renderRuleset } from "./ruleset";

/**
 * `vpc`: what the real one is like. Each host has a link of its own to a router that answers for every address, so that frames never go from host to
 * host: LVS-DR and VRRP's multicast do not work, sources are checked, a HAVIP goes where the cloud lets it.
 */
export const routedNetwork: Network = {
  prepare: () => Promise.resolve(),
  ruleset: renderRuleset,
  routes: plannedRoutes,
  announcer: ({ hosts }, { link }) => hosts.find(({ instanceId }) => linkOf(instanceId) === link),
  forgetsNeighbours: true,
};
