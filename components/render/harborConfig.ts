import { harborChecks, registryPorts } from "../plan/registry";
import { toYaml } from "./yaml";

/**
 * Where the programs of one host find each other: on that host, at the same ports on all. A job that one host takes from another's queue
 * therefore finds a core and a storage of its own there.
 */
export const harborPorts = { core: 8080, portal: 8081, jobservice: 8082, storage: 5001 } as const;

type Program = keyof typeof harborPorts;

export const harborAddress = (program: Program) => `127.0.0.1:${harborPorts[program]}`;
export const harborUrl = (program: Program) => `http://${harborAddress(program)}`;

/** Settings of core's HTTP server; all others are its environment. */
export function renderCoreConfig(): string {
  return `appname = Harbor
runmode = prod
enablegzip = true

[prod]
httpaddr = 127.0.0.1
httpport = ${harborPorts.core}
`;
}

/** Logs of jobs are in the database: whichever host is asked for one has it. */
export function renderJobservice(): string {
  return toYaml({
    protocol: "http",
    port: harborPorts.jobservice,
    worker_pool: {
      ...{ workers: 10, backend: "redis" },
      // Its URL has the password, and comes by the environment (JOB_SERVICE_POOL_REDIS_URL).
      redis_pool: { namespace: "harbor_job_service_namespace", idle_timeout_second: 3600 },
    },
    job_loggers: [{ name: "DB", level: "INFO", sweeper: { duration: 30 } }],
    loggers: [{ name: "STD_OUTPUT", level: "INFO" }],
    reaper: { max_update_hours: 24, max_dangling_hours: 168 },
    max_retrieve_size_mb: 10,
  });
}

const nginxHead = `worker_processes auto;
pid /tmp/nginx.pid;

events {
    worker_connections 4096;
}

http {
    client_body_temp_path /tmp/client_body;
    proxy_temp_path /tmp/proxy;
    fastcgi_temp_path /tmp/fastcgi;
    uwsgi_temp_path /tmp/uwsgi;
    scgi_temp_path /tmp/scgi;
    server_tokens off;
    access_log off;
    error_log stderr warn;
`;

/** The portal: files, and one page for every path that is none. */
export function renderPortal(): string {
  return `${nginxHead}    include /etc/nginx/mime.types;
    gzip on;
    gzip_proxied any;
    gzip_types text/plain text/css application/json application/javascript text/xml application/xml;

    server {
        listen ${harborAddress("portal")};
        root /usr/share/nginx/html;

        location /devcenter-api-2.0 {
            try_files $uri $uri/ /swagger-ui-index.html;
        }
        location / {
            try_files $uri $uri/ /index.html;
        }
        location = /index.html {
            add_header Cache-Control "no-store, no-cache, must-revalidate";
        }
    }
}
`;
}

/**
 * The one way into a host: what belongs to core goes there, the rest to the portal. TLS ends at HAProxy, which says so (X-Forwarded-Proto). Layers are passed on as they come,
 * whatever their size, and a client may be silent as long as a layer is checked.
 */
export function renderHarborProxy(address: string): string {
  const location = (path: string, ...lines: string[]) => `
        location ${path} {
${lines.map((line) => `            ${line};\n`).join("")}        }
`;
  const core = `proxy_pass ${harborUrl("core")}`;
  return `${nginxHead}    tcp_nodelay on;
    client_max_body_size 0;
    proxy_http_version 1.1;
    proxy_buffering off;
    proxy_request_buffering off;
    proxy_send_timeout 900;
    proxy_read_timeout 900;
    proxy_set_header Host $http_host;
    proxy_set_header Connection "";
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_set_header X-Forwarded-Proto $http_x_forwarded_proto;

    server {
        listen ${address}:${registryPorts.pull};
        add_header Strict-Transport-Security "max-age=31536000";
        add_header X-Frame-Options DENY;
        add_header Content-Security-Policy "frame-ancestors 'none'";
${location("/", `proxy_pass ${harborUrl("portal")}`)}${["/api/", "/c/", "/service/"]
    .map((path) => location(path, core, "proxy_cookie_flags ~ secure"))
    .join("")}${location("/v2/", core)}${["/v1/", "/service/notifications"]
    .map((path) => location(path, "return 404"))
    .join("")}
        # Whether the storage's program of this host works: for HAProxy. It says no more.${location(
          `= ${harborChecks.storage}`,
          `proxy_pass ${harborUrl("storage")}/`,
        )}    }
}
`;
}
