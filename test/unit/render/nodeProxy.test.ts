import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseClusterConfig, planCluster } from "../../../components/plan";
import { renderEntryNeeds } from "../../../components/render";
import { minimalConfig, planOf } from "../plan/fixture";

const installed = (program: string) =>
  spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;

function needsOf(proxy: "haproxy" | "nginx" | "ipvs", name: string, masters = 3) {
  const config = { ...minimalConfig(), entry: { kind: "nodeLocal" as const, proxy } };
  config.masters.members = masters;
  const plan = planCluster(parseClusterConfig(config));
  const host = plan.hosts.find((each) => each.name === name);
  if (host === undefined) throw new Error(`no ${name}`);
  return renderEntryNeeds(plan, host);
}
const text = (...args: Parameters<typeof needsOf>) => needsOf(...args).files?.[0]?.content ?? "";
const dropIn = (...args: Parameters<typeof needsOf>) => needsOf(...args).files?.[1]?.content ?? "";

test("nginx of a worker", () => {
  expect(text("nginx", "prod-worker-1")).toMatchInlineSnapshot(`
    "# Made by tencentcloud-kubernetes-ha; changes here are lost.
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
            server 10.0.0.64:6443 weight=5 max_fails=3 fail_timeout=3s; # prod-master-1
            server 10.0.0.65:6443 weight=5 max_fails=3 fail_timeout=3s; # prod-master-2
            server 10.0.0.66:6443 weight=5 max_fails=3 fail_timeout=3s; # prod-master-3
        }

        server {
            listen 127.0.0.1:6443;
            proxy_pass apiservers;
            proxy_connect_timeout 500ms;
            proxy_timeout 4h;
            proxy_socket_keepalive on;
        }
    }
    "
  `);
});

test("keepalived of a worker", () => {
  expect(text("ipvs", "prod-worker-1", 2)).toMatchInlineSnapshot(`
    "# Made by tencentcloud-kubernetes-ha; changes here are lost.
    global_defs {
        lvs_timeouts tcp 14400
    }

    virtual_server 10.103.97.2 6443 {
        delay_loop 1
        lvs_sched rr
        lvs_method NAT
        protocol TCP

        # prod-master-1
        real_server 10.0.0.64 6443 {
            weight 5
            SSL_GET {
                url {
                    path /readyz?exclude=etcd&exclude=etcd-readiness
                    status_code 200
                }
                connect_timeout 1
                retry 1
                delay_before_retry 0.2
            }
        }

        # prod-master-2
        real_server 10.0.0.65 6443 {
            weight 5
            SSL_GET {
                url {
                    path /readyz?exclude=etcd&exclude=etcd-readiness
                    status_code 200
                }
                connect_timeout 1
                retry 1
                delay_before_retry 0.2
            }
        }
    }
    "
  `);
});

test("HAProxy of a worker is that of a balancer at the loopback address, which asks with the cluster's CA", () => {
  const lines = text("haproxy", "prod-worker-1").split("\n");
  expect(lines).toContain("    bind 127.0.0.1:6443");
  expect(lines.filter((each) => each.startsWith("    server "))).toEqual([
    "    server prod-master-1 10.0.0.64:6443",
    "    server prod-master-2 10.0.0.65:6443",
    "    server prod-master-3 10.0.0.66:6443",
  ]);
  const { caFiles, services } = needsOf("haproxy", "prod-worker-1");
  expect(caFiles).toEqual(["/etc/haproxy/kubernetes-ca.crt"]);
  expect(services).toEqual([
    {
      unit: "haproxy",
      restartedFor: ["/etc/systemd/system/haproxy.service.d/10-kubernetes-ha.conf"],
      reloadedFor: ["/etc/haproxy/haproxy.cfg", "/etc/haproxy/kubernetes-ca.crt"],
    },
  ]);
});

test("a master's own apiserver goes before all others", () => {
  expect(text("haproxy", "prod-master-2")).toContain(`    option allbackups
    option httpchk`);
  expect(text("haproxy", "prod-master-2")).toContain(`    server prod-master-1 10.0.0.64:6443 backup
    server prod-master-2 10.0.0.65:6443
    server prod-master-3 10.0.0.66:6443 backup
`);
  const nginx = text("nginx", "prod-master-2").match(/server \S+ .*;/g);
  expect(nginx?.map((each) => each.includes("backup"))).toEqual([true, false, true]);
  const ipvs = text("ipvs", "prod-master-2");
  expect(ipvs).toContain("lvs_sched fo");
  expect(ipvs.match(/weight \d+/g)).toEqual(["weight 5", "weight 10", "weight 5"]);
});

test("a virtual address is local without being on an interface, and what is sent there comes from the host", () => {
  expect(dropIn("ipvs", "prod-worker-2")).toContain(
    "ExecStartPre=/usr/sbin/ip route replace local 10.103.97.2 dev lo src 10.0.0.129\n" +
      "ExecStart=\nExecStart=/usr/sbin/keepalived --dont-fork --check\n",
  );
});

test.each(["haproxy", "nginx", "ipvs"] as const)(
  "of %s another master changes the configuration alone, which is taken up by a reload",
  (proxy) => {
    const [two, three] = [2, 3].map((masters) => needsOf(proxy, "prod-worker-1", masters));
    expect(two?.services).toEqual(three?.services);
    expect(two?.files?.[1]).toEqual(three?.files?.[1]);
    expect(two?.files?.[0]?.path).toBe(three?.services?.[0]?.reloadedFor?.[0]);
    expect(two?.files?.[0]?.content).not.toBe(three?.files?.[0]?.content);
  },
);

test("hosts of etcd have no proxy, and other kinds none at all", () => {
  expect(needsOf("nginx", "prod-etcd-1")).toEqual({});
  const plan = planOf();
  for (const host of plan.hosts) expect(renderEntryNeeds(plan, host)).toEqual({});
});

describe("programs themselves take the file:", () => {
  let dir: string;
  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), "proxy-"))));
  afterEach(() => rmSync(dir, { recursive: true }));

  (installed("keepalived") ? test : test.skip)("keepalived", () => {
    const file = join(dir, "keepalived.conf");
    writeFileSync(file, text("ipvs", "prod-master-1"));
    expect(spawnSync("keepalived", ["--config-test", "-f", file]).status).toBe(0);
  });

  (installed("nginx") ? test : test.skip)("nginx", () => {
    const file = join(dir, "nginx.conf");
    writeFileSync(file, text("nginx", "prod-master-1"));
    const { stderr } = spawnSync("nginx", ["-t", "-c", file], { encoding: "utf8" });
    expect(stderr).toContain("syntax is ok");
  });
});
