import { type ClbPlan } from "../plan/entry";
import { readinessPath } from "../plan/readiness";
import { haproxyBase, masterChecks, verified } from "./haproxy";
import { renderMetricsFrontend } from "./monitoring";
import { paths } from "./paths";

type Endpoint = Pick<
  ClbPlan,
  "apiName" | "port" | "vip" | "masters" | "localPort" | "readinessPort"
>;

/** A master by its place in the network. */
interface Own {
  name: string;
  address: string;
}

/** Whether its metrics are read. */
interface Watched {
  watched: boolean;
}

/**
 * HAProxy of a master behind a CLB.
 *
 * - `readiness` answers the CLB's probes, which know no TLS, with what this master's apiserver says of itself at that moment: a check of its own
 *   in between would make a dead apiserver known later.
 * - `api` leads to the master's own apiserver, and to the others while that one is not ready. Not to the CLB: it may lead a target to itself, and
 *   that connection hangs.
 */
export function renderLocalEndpoint(
  entry: Endpoint,
  own: Own,
  { watched }: Watched = { watched: false },
): string {
  const { apiName, masters, localPort, readinessPort } = entry;
  const servers = masters.map(({ name, address, port }) => ({
    name,
    at: `${address}:${port}`,
    first: name === own.name,
  }));
  const line = ({ name, at, first }: (typeof servers)[number]) =>
    `    server ${name} ${at}${first ? "" : " backup"}`;
  const self = servers.find(({ first }) => first);
  if (self === undefined) throw new Error(`${own.name} is none of the masters`);
  return `${haproxyBase}
# What the load balancer asks for, in plain HTTP.
frontend readiness
    mode http
    bind ${own.address}:${readinessPort}
    timeout client 5s
    option dontlog-normal
    http-request deny deny_status 404 unless { path /readyz }
    http-request set-uri ${readinessPath}
    http-request set-header Host ${apiName}
    default_backend itself

# No connection is kept: one to an apiserver that has been replaced meanwhile would fail a probe.
backend itself
    mode http
    option http-server-close
    http-reuse never
    timeout connect 500ms
    timeout server 1s
    retries 0
    server ${self.name} ${self.at} ssl sni str(${apiName}) ${verified(apiName)}

frontend api
    bind ${own.address}:${localPort}
    default_backend masters

backend masters
    balance leastconn
    option allbackups
${masterChecks(apiName)}
${servers.map(line).join("\n")}
${watched ? renderMetricsFrontend(own.address) : ""}`;
}

/** Name of the table of {@link renderApiRedirect}. */
const table = "kubernetes-ha-api";

/**
 * Leads what a master and its pods send to the load balancer to the master's own HAProxy. The address itself is on no interface: the load balancer's
 * probes may come from it, and would be taken for the master's own then.
 */
export function renderApiRedirect(entry: Endpoint, { address }: Own): string {
  const rule = `ip daddr ${entry.vip} tcp dport ${entry.port} dnat to ${address}:${entry.localPort}`;
  return `# Made by tencentcloud-kubernetes-ha; changes here are lost.
table ip ${table}
delete table ip ${table}
table ip ${table} {
    # From this host, pods in its network among them.
    chain output {
        type nat hook output priority -100; policy accept;
        ${rule}
    }
    # From pods in the pod network.
    chain prerouting {
        type nat hook prerouting priority dstnat; policy accept;
        ${rule}
    }
}
`;
}

/** Unit that puts the rules in place at every boot, before anything asks for the API. */
export function renderApiRedirectUnit(): string {
  return `# Made by tencentcloud-kubernetes-ha; changes here are lost.
[Unit]
Description=API of the cluster on a master: its own HAProxy in the load balancer's place
# A ruleset of the host's own would be loaded over this one.
After=nftables.service
Before=kubelet.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/nft -f ${paths.apiRedirect}
ExecStop=/usr/sbin/nft delete table ip ${table}

[Install]
WantedBy=multi-user.target
`;
}
