import { type HostPlan } from "../plan/cluster";
import { type Backend, type LvsPlan } from "../plan/entry";
import { ports } from "../plan/ports";
import { readinessPath } from "../plan/readiness";
import { masqueradeChain } from "./systemd";
import { renderVrrpInstance, vrrpInstance } from "./keepalived";

/**
 * keepalived (2.2) on an LVS director: holds the VIP on one of them, and keeps the kernel's rules for it on all.
 *
 * - VRRP as on a balancer. Nothing is tracked: forwarding is the kernel's, so a director that is alive forwards.
 * - Each real server is asked for its own health and never for what all share: HAProxy for its process, an apiserver for its readiness without
 *   etcd. It is out after two failed checks, 2 s when it refuses and 3 s when it is silent, and its connections are ended.
 * - One healthy server is enough to serve (quorum 1). With none, connections are refused at once rather than left hanging.
 * - `dr`: directors copy connections to each other, so that another one goes on with them. With `nat` that would help nobody: the translation of
 *   the address, which is the kernel's alone, dies with its director.
 */
export function renderDirector(entry: LvsPlan, director: HostPlan): string {
  const { forwarding, virtualRouterId, extraFrontends = [] } = entry;
  const { networkInterface: device } = entry;
  const copies =
    forwarding === "dr"
      ? `    lvs_sync_daemon ${device} ${vrrpInstance} id ${virtualRouterId}\n`
      : "";
  return `# Made by tencentcloud-kubernetes-ha; changes here are lost.
global_defs {
    router_id ${director.name}
    vrrp_version 3
${copies}}

${renderVrrpInstance(entry, director, { holders: entry.directors })}
${renderService(entry, entry.port, entry.realServers)}${extraFrontends.map(({ port }) => `\n${renderService(entry, port, atPort(entry, port))}`).join("")}`;
}

function renderService(entry: LvsPlan, port: number, realServers: readonly At[]): string {
  return `virtual_server ${entry.vip} ${port} {
    delay_loop 1
    lvs_sched ${entry.scheduler}
    lvs_method ${entry.forwarding.toUpperCase()}
    protocol TCP
    quorum 1
    hysteresis 0
${realServers.map((real) => renderRealServer(entry, real.address, real.port)).join("")}}
`;
}

type At = Pick<Backend, "address" | "port">;

/** Balancers, at a port of what they front beside the API. */
function atPort({ balancers }: LvsPlan, port: number): At[] {
  return balancers.map(({ address }) => ({ address, port }));
}

function renderRealServer({ balancers }: LvsPlan, address: string, port: number): string {
  const [check, path, where] =
    balancers.length > 0
      ? ["HTTP_GET", "/healthz", `            connect_port ${ports.proxyHealth}\n`]
      : ["SSL_GET", readinessPath, ""];
  return `    real_server ${address} ${port} {
        weight 1
        ${check} {
            url {
                path ${path}
                status_code 200
            }
${where}            connect_timeout 1
            retry 1
            delay_before_retry 0.2
        }
    }
`;
}

/**
 * What a director translates with `nat`: the sender of what it forwards becomes the director, or else answers, which a VPC takes straight to the
 * client, would come from an address that the client has not asked. The kernel's own LVS has no such mode, so this is iptables' part;
 * not every kernel with IPVS has nftables.
 */
export function renderMasquerade(entry: LvsPlan, director: HostPlan): string {
  const { realServers, extraFrontends = [] } = entry;
  const extra = extraFrontends.flatMap(({ port }) => atPort(entry, port));
  const rules = [...realServers, ...extra].map(
    ({ address, port }) =>
      `-A ${masqueradeChain} -d ${address}/32 -p tcp --dport ${port} -j SNAT --to-source ${director.address}\n`,
  );
  return `# Made by tencentcloud-kubernetes-ha; changes here are lost.
*nat
:${masqueradeChain} - [0:0]
${rules.join("")}COMMIT
`;
}
