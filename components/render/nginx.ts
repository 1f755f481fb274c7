import { type Backend } from "../plan/entry";

/** What a proxy of a node passes on, and to whom. */
export interface NodeProxySite {
  /** Where it listens. */
  address: string;
  port: number;
  masters: readonly Backend[];
  /** Name of the master it runs on, whose apiserver goes before all others. @default none does */
  own?: string | undefined;
}

/**
 * nginx (1.18 or later) as the proxy of a node: passes TCP on, so that client certificates reach the apiservers.
 *
 * - It has no checks of its own: a master is known to be dead by connections that fail, three of them, and then left alone for a while; any
 *   connection that fails meanwhile goes on to the next master. A master that is silent costs it half a second: a client that gives up
 *   after one gets through.
 * - "A while" is short. Masters that are restarted in turn, or all of them when the cluster starts, must not be left alone when
 *   they serve again; and trying a dead one again costs one connection half a second.
 * - Watches are silent for minutes and an idle `exec` for hours, as long as the kubelet keeps it, so silence cuts nothing before 4 hours. A proxy
 *   timeout of some seconds would end every watch, and clients would list everything anew, all the time. Masters that are gone are found by TCP
 *   keepalive, whose times are the kernel's.
 * - After a reload the old process serves its connections until they end.
 */
export function renderNginx({ address, port, masters, own }: NodeProxySite): string {
  const servers = masters.map((master) => {
    const rank = own === undefined || master.name === own ? "" : " backup";
    return `        server ${master.address}:${master.port} weight=5 max_fails=3 fail_timeout=3s${rank}; # ${master.name}`;
  });
  return `# Made by tencentcloud-kubernetes-ha; changes here are lost.
load_module modules/ngx_stream_module.so;
user www-data;
pid /run/nginx.pid;
# To the journal, once: Debian's build tells here as well what it tells syslog.
error_log stderr warn;
# One process is enough for one node, and knows of every connection that failed.
worker_processes 1;
worker_rlimit_nofile 16384;
# What a reload leaves behind ends its last connections after this.
worker_shutdown_timeout 1h;

events {
    worker_connections 8192;
}

stream {
    upstream apiservers {
        least_conn;
${servers.join("\n")}
    }

    server {
        listen ${address}:${port};
        proxy_pass apiservers;
        proxy_connect_timeout 500ms;
        proxy_timeout 4h;
        proxy_socket_keepalive on;
    }
}
`;
}
