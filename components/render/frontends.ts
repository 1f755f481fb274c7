import { type ExtraFrontend } from "../plan/entry";
import { paths } from "./paths";

/**
 * What HAProxy fronts beside the API: a frontend and a backend each.
 *
 * - `tcp` is passed on as it is, with the limits of time of the API: nothing is cut for silence before 4 hours.
 * - `https` ends TLS here; servers are told by X-Forwarded-For and X-Forwarded-Proto who asked, and how. Names in the certificate are those of all
 *   such services, so it is one file.
 * - A server is out after two failed checks, 3 s after it fell silent, as a master is.
 */
export function renderFrontends(frontends: readonly ExtraFrontend[]): string {
  return frontends.map((each) => `\n${renderFrontend(each)}`).join("");
}

function renderFrontend({ name, mode, port, hostname, servers, check }: ExtraFrontend): string {
  const tls = mode === "https" ? ` ssl crt ${paths.haproxyFrontends} alpn h2,http/1.1` : "";
  const listen = mode === "tcp" ? "" : httpFrontend(mode);
  const pass = mode === "tcp" ? "" : "    mode http\n    timeout server 5m\n";
  return `frontend extra-${name}
    bind :${port}${tls}
${listen}    default_backend extra-${name}

backend extra-${name}
${pass}    balance leastconn
${check === undefined ? "" : httpCheck(check, hostname)}    default-server check${check?.tls === true ? tlsCheck(hostname) : ""} inter 1s fastinter 200ms fall 2 rise 2 on-marked-down shutdown-sessions
${servers.map((server) => `    server ${server.name} ${server.address}:${server.port}`).join("\n")}
`;
}

function httpFrontend(mode: "http" | "https"): string {
  return `    mode http
    option httplog
    option forwardfor
    http-request set-header X-Forwarded-Proto ${mode}
    timeout client 5m
    timeout http-request 10s
    timeout http-keep-alive 1m
`;
}

function httpCheck(
  { path, also = [] }: NonNullable<ExtraFrontend["check"]>,
  hostname: string | undefined,
): string {
  // HTTP/1.1 is not to be spoken without a name; HAProxy's own is 1.0.
  const host = hostname === undefined ? "" : ` ver HTTP/1.1 hdr Host ${hostname}`;
  const ask = (each: string) => `    http-check send meth GET uri ${each}${host}
    http-check expect status 200-399
`;
  // More than one is asked on a connection each, all of them within the time of one check.
  const asked = also.length === 0 ? [path] : [path, ...also];
  const connect = also.length === 0 ? "" : "    http-check connect\n";
  return `    option httpchk\n${asked.map((each) => `${connect}${ask(each)}`).join("")}`;
}

/** A check is for health: who the server is its clients find out. */
function tlsCheck(hostname: string | undefined): string {
  return ` check-ssl verify none${hostname === undefined ? "" : ` check-sni ${hostname}`}`;
}
