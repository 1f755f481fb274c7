import { type HostPlan } from "../plan/model";
import { readinessPath } from "../plan/readiness";
import { type NodeProxySite } from "./nginx";

/**
 * keepalived (2.2) on a node, its checkers alone: keeps IPVS rules for the API's virtual address. It needs no API to do so, and no VRRP: the address is
 * every node's own.
 *
 * - A master is asked whether it is ready once a second, and out after two failed checks in a row, 3 to 4 s after it fell silent; it is back
 *   with the first good one. That its certificate is the cluster's is for clients to see, who do.
 * - The kernel forgets an established connection after 15 min without a packet; here after 4 hours, as long as a kubelet keeps an idle `exec`.
 * - A master's own apiserver goes before all others: \`fo\` leads to the live one with the highest weight.
 */
export function renderVirtualServer({ address, port, masters, own }: NodeProxySite): string {
  const servers = masters.map(
    (master) => `
    # ${master.name}
    real_server ${master.address} ${master.port} {
        weight ${master.name === own ? 10 : 5}
        SSL_GET {
            url {
                path ${readinessPath}
                status_code 200
            }
            connect_timeout 1
            retry 1
            delay_before_retry 0.2
        }
    }`,
  );
  return `# Made by tencentcloud-kubernetes-ha; changes here are lost.
global_defs {
    lvs_timeouts tcp 14400
}

virtual_server ${address} ${port} {
    delay_loop 1
    lvs_sched ${own === undefined ? "rr" : "fo"}
    lvs_method NAT
    protocol TCP
${servers.join("\n")}
}
`;
}

/**
 * What keepalived's service needs beside: the checkers alone, and the virtual address as a local one that is on no interface. So what belongs to no rule is
 * refused at once instead of being sent out, and what the host sends there comes from its own address, to which masters can answer.
 */
export function virtualServerService({ address }: NodeProxySite, host: HostPlan): string[] {
  return [
    `ExecStartPre=/usr/sbin/ip route replace local ${address} dev lo src ${host.address}`,
    "ExecStart=",
    "ExecStart=/usr/sbin/keepalived --dont-fork --check",
  ];
}
