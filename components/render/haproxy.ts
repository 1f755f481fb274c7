import { type Backend, type ExtraFrontend } from "../plan/entry";
import { readinessPath } from "../plan/readiness";
import { renderFrontends } from "./frontends";
import { renderMetricsFrontend } from "./monitoring";
import { paths } from "./paths";

/** What HAProxy passes on, and to whom. */
export interface HaproxySite {
  /** Name that the apiservers' certificate is checked for. */
  apiName: string;
  /** Where it listens. @default at every address of the host */
  address?: string;
  port: number;
  masters: readonly Backend[];
  /** Name of the master it runs on, whose apiserver goes before all others. @default none does */
  own?: string | undefined;
  /** Where other hosts ask whether the process works. @default nobody asks */
  healthPort?: number;
  /** Private address of its host, where metrics are read. @default nowhere */
  metricsAddress?: string | undefined;
  /** What else it passes on. @default nothing */
  extraFrontends?: readonly ExtraFrontend[];
}

/**
 * HAProxy (2.6) on a balancer or a node: passes the API through as TCP, so that client certificates reach the apiservers, to those
 * masters that are ready ({@link readinessPath}) and show a certificate of this cluster.
 *
 * - A master is out after two failed checks, 1 to 3 s after it fell silent, and its connections are cut at once, so that clients do not wait for
 *   their own timeouts on a master that is gone. A connection that fails counts as a failed check: a master that refuses is out after 0.2 s.
 * - Watches are silent for minutes. Nothing is cut for silence before 4 hours, as long as a kubelet keeps an idle `exec`;
 *   clients that vanished are found by TCP keepalive, within a minute.
 * - Health and statistics are on unix sockets: the only port is the API's, those of its health and metrics where others ask for them,
 *   and those of what else it fronts ({@link renderFrontends}).
 */
export function renderHaproxy(site: HaproxySite): string {
  const { apiName, address, port, masters, own, healthPort, metricsAddress } = site;
  const { extraFrontends = [] } = site;
  const servers = masters.map((master) => {
    const rank = own === undefined || master.name === own ? "" : " backup";
    return `    server ${master.name} ${master.address}:${master.port}${rank}`;
  });
  return `${haproxyBase}
# Whether this process works, for keepalived. It says nothing of the masters: with none up, the VIP stays where it is.
frontend health
    mode http
    bind unix@${paths.haproxyHealthSocket} mode 666
${healthPort === undefined ? "" : `    bind :${healthPort}\n`}    timeout client 5s
    option dontlog-normal
    monitor-uri /healthz

frontend api
    bind ${address ?? ""}:${port}
    default_backend masters

backend masters
    balance leastconn${own === undefined ? "" : "\n    option allbackups"}
${masterChecks(apiName)}
${servers.join("\n")}
${renderFrontends(extraFrontends)}${metricsAddress === undefined ? "" : renderMetricsFrontend(metricsAddress)}`;
}

/** What HAProxies that lead to masters have in common: TCP, limits of time, no port of their own. */
export const haproxyBase = `# Made by tencentcloud-kubernetes-ha; changes here are lost.
global
    log /dev/log local0
    user haproxy
    group haproxy
    maxconn 20000
    # A host that may not open as many files serves as many connections as it can, rather than none.
    no strict-limits
    # After a reload the old process ends its last connections after this.
    hard-stop-after 1h
    stats socket ${paths.haproxyStatsSocket} mode 600 level admin
    ssl-default-server-options ssl-min-ver TLSv1.2

defaults
    mode tcp
    log global
    option tcplog
    option dontlognull
    # A refused or silent master costs a new connection at most this long, then it goes to another one: a client that gives up after a second gets through.
    timeout connect 500ms
    retries 3
    option redispatch 1
    timeout queue 5s
    timeout client 4h
    timeout server 4h
    timeout client-fin 30s
    timeout server-fin 30s
    timeout check 1s
    option clitcpka
    clitcpka-idle 30s
    clitcpka-intvl 10s
    clitcpka-cnt 3
    option srvtcpka
    srvtcpka-idle 30s
    srvtcpka-intvl 10s
    srvtcpka-cnt 3
`;

/** How an apiserver is known: by the API's name in a certificate of this cluster. */
export function verified(apiName: string): string {
  return `verify required verifyhost ${apiName} ca-file ${paths.haproxyCa}`;
}

/** How the masters of a backend are checked, for every HAProxy that leads to some. */
export function masterChecks(apiName: string): string {
  return `    option httpchk
    http-check send meth GET uri ${readinessPath} ver HTTP/1.1 hdr Host ${apiName}
    http-check expect status 200
    default-server check check-ssl check-sni ${apiName} ${verified(apiName)} inter 1s fastinter 200ms fall 2 rise 2 observe layer4 error-limit 1 on-error sudden-death on-marked-down shutdown-sessions`;
}
