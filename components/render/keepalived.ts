import { keyPlace } from "../plan/addresses";
import { type HostPlan } from "../plan/cluster";
import { type VipPlan } from "../plan/entry";
import { paths } from "./paths";

/**
 * keepalived (2.2) on a balancer: holds the VIP on one of them.
 *
 * - Unicast VRRP, as a VPC carries no multicast. All start as BACKUP with `nopreempt`: a balancer that comes back does not take the
 *   VIP, and the connections on it, away again.
 * - Version 3, whose interval may be under a second; the peers notice a dead holder after about 2 s.
 * - What is tracked is HAProxy's process alone. A balancer whose HAProxy is dead gives the VIP away; one that sees no
 *   master keeps it, since the other sees none either, and it must be there when the first master is made.
 * - The announcement is repeated, as the platform moves a HAVIP by gratuitous ARP and one may be lost.
 */
export function renderKeepalived(entry: VipPlan, balancer: HostPlan): string {
  return `# Made by tencentcloud-kubernetes-ha; changes here are lost.
global_defs {
    router_id ${balancer.name}
    vrrp_version 3
    enable_script_security
    script_user nobody nogroup
}

vrrp_script haproxy {
    script "/usr/bin/curl --fail --silent --output /dev/null --max-time 1 --unix-socket ${paths.haproxyHealthSocket} http://haproxy/healthz"
    interval 1
    timeout 2
    fall 2
    rise 2
}

${renderVrrpInstance(entry, balancer, {
  holders: entry.balancers,
  priority: priority(entry, balancer),
  tracked: "    track_script {\n        haproxy\n    }\n",
})}`;
}

/** What decides who of some hosts holds a VIP. */
export type HeldVip = Pick<VipPlan, "vip" | "virtualRouterId" | "networkInterface">;

/** How some hosts settle who holds it. */
export interface VrrpTerms {
  holders: readonly HostPlan[];
  /** @default 100, the same for all */
  priority?: number;
  /** What a host must have to hold it, as a block of keepalived. @default being alive */
  tracked?: string;
}

/** Name of the one VRRP instance of a host. */
export const vrrpInstance = "api";

/**
 * The VRRP instance that holds a VIP on one of some hosts, as seen by one of them.
 */
export function renderVrrpInstance(
  { vip, virtualRouterId, networkInterface: device }: HeldVip,
  host: HostPlan,
  { holders, priority = 100, tracked = "" }: VrrpTerms,
): string {
  const peers = holders.filter(({ name }) => name !== host.name);
  return `vrrp_instance ${vrrpInstance} {
    state BACKUP
    nopreempt
    interface ${device}
    virtual_router_id ${virtualRouterId}
    priority ${priority}
    advert_int 0.5
    unicast_src_ip ${host.address}
    unicast_peer {
${peers.map((peer) => `        ${peer.address}`).join("\n")}
    }
    garp_master_delay 1
    garp_master_refresh 5
    virtual_ipaddress {
        ${vip}/32 dev ${device}
    }
${tracked}}
`;
}

/**
 * Of a pair one waits, and the priority is the same. Of several masters that wait, each waits 14 ms longer than the one before it, so that one
 * has announced itself when the next would: two that do so at once would fight over the VIP until the lower address gives in.
 */
function priority({ on }: VipPlan, { key }: HostPlan): number {
  return on === "masters" ? 254 - 7 * (keyPlace(key) - 1) : 100;
}
