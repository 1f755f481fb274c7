import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { paths, renderHaproxy, renderKeepalived } from "../../../components/render";
import { layout } from "../../../components/plan/addresses";
import { first, planOf, planHaving } from "../plan/fixture";

const installed = (program: string) =>
  spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;

const haproxyTest = installed("haproxy") ? test : test.skip;
const keepalivedTest = installed("keepalived") ? test : test.skip;

let dir: string;
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), "entry-"))));
afterEach(() => rmSync(dir, { recursive: true }));

test("HAProxy passes the API to the masters that are ready", () => {
  expect(renderHaproxy(planOf().entry)).toMatchInlineSnapshot(`
    "# Made by tencentcloud-kubernetes-ha; changes here are lost.
    global
        log /dev/log local0
        user haproxy
        group haproxy
        maxconn 20000
        # A host that may not open as many files serves as many connections as it can, rather than none.
        no strict-limits
        # After a reload the old process ends its last connections after this.
        hard-stop-after 1h
        stats socket /run/haproxy/admin.sock mode 600 level admin
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

    # Whether this process works, for keepalived. It says nothing of the masters: with none up, the VIP stays where it is.
    frontend health
        mode http
        bind unix@/run/haproxy/health.sock mode 666
        timeout client 5s
        option dontlog-normal
        monitor-uri /healthz

    frontend api
        bind :6443
        default_backend masters

    backend masters
        balance leastconn
        option httpchk
        http-check send meth GET uri /readyz?exclude=etcd&exclude=etcd-readiness ver HTTP/1.1 hdr Host api.prod.internal
        http-check expect status 200
        default-server check check-ssl check-sni api.prod.internal verify required verifyhost api.prod.internal ca-file /etc/haproxy/kubernetes-ca.crt inter 1s fastinter 200ms fall 2 rise 2 observe layer4 error-limit 1 on-error sudden-death on-marked-down shutdown-sessions
        server prod-master-1 10.0.0.64:6443
        server prod-master-2 10.0.0.65:6443
        server prod-master-3 10.0.0.66:6443
    "
  `);
});

test("keepalived holds the VIP on one balancer", () => {
  const plan = planOf();
  expect(renderKeepalived(plan.entry, first(plan.balancers))).toMatchInlineSnapshot(`
    "# Made by tencentcloud-kubernetes-ha; changes here are lost.
    global_defs {
        router_id prod-balancer-1
        vrrp_version 3
        enable_script_security
        script_user nobody nogroup
    }

    vrrp_script haproxy {
        script "/usr/bin/curl --fail --silent --output /dev/null --max-time 1 --unix-socket /run/haproxy/health.sock http://haproxy/healthz"
        interval 1
        timeout 2
        fall 2
        rise 2
    }

    vrrp_instance api {
        state BACKUP
        nopreempt
        interface eth0
        virtual_router_id 51
        priority 100
        advert_int 0.5
        unicast_src_ip 10.0.0.32
        unicast_peer {
            10.0.0.33
        }
        garp_master_delay 1
        garp_master_refresh 5
        virtual_ipaddress {
            10.0.0.10/32 dev eth0
        }
        track_script {
            haproxy
        }
    }
    "
  `);
});

test("every balancer names all the others as peers, and no priority makes one of them special", () => {
  const plan = planOf((config) => (config.entry.balancers.members = 3));
  const texts = plan.balancers.map((balancer) => renderKeepalived(plan.entry, balancer));
  expect(
    texts.map((text) =>
      text
        .match(/unicast_peer \{\n([^}]*)\}/)?.[1]
        ?.split(/\s+/)
        .filter(Boolean),
    ),
  ).toEqual([
    ["10.0.0.33", "10.0.0.34"],
    ["10.0.0.32", "10.0.0.34"],
    ["10.0.0.32", "10.0.0.33"],
  ]);
  for (const text of texts) {
    expect(text).toContain("state BACKUP\n    nopreempt\n");
    expect(text).toContain("priority 100\n");
    // It ends the VIP when no master is up, or refuses what the platform needs.
    expect(text).not.toContain("vrrp_strict");
    expect(text).not.toContain("readyz");
  }
});

describe("on the masters", () => {
  const { entry, masters } = planHaving({ entry: { kind: "vip", on: "masters" } });
  if (entry.kind !== "vip") throw new Error("planned was another kind");

  test("HAProxy listens beside the apiserver, and knows all masters", () => {
    const text = renderHaproxy(entry);
    expect(text).toContain("frontend api\n    bind :8443\n");
    expect([...text.matchAll(/^ {4}server (\S+) (\S+)/gm)].map(([, , at]) => at)).toEqual([
      ...["10.0.0.64:6443", "10.0.0.65:6443", "10.0.0.66:6443"],
    ]);
  });

  test("keepalived tracks HAProxy alone, and each that waits does so a little longer than the one before", () => {
    const texts = masters.map((master) => renderKeepalived(entry, master));
    const found = texts.map((text) => Number(/priority (\d+)/.exec(text)?.[1]));
    expect(found).toEqual([254, 247, 240]);
    for (const text of texts) {
      expect(text).toContain("state BACKUP\n    nopreempt\n");
      expect(text).not.toMatch(/readyz|6443|2379/);
    }
    expect(texts[0]).toContain("unicast_peer {\n        10.0.0.65\n        10.0.0.66\n    }");
  });

  test("there is a priority for every key that a master may have", () => {
    const [master] = masters;
    if (master === undefined) throw new Error("there are masters");
    const last = renderKeepalived(entry, { ...master, key: String(layout.master.count) });
    expect(Number(/priority (\d+)/.exec(last)?.[1])).toBeGreaterThan(0);
  });
});

describe("what is fronted beside the API", () => {
  const server = { servers: ["10.9.0.10:443"] };
  const { entry } = planHaving({
    entry: {
      balancers: { members: 2, instanceType: "S5.MEDIUM2" },
      extraFrontends: [
        {
          ...{ name: "harbor", mode: "https", port: 443, hostname: "harbor.prod.internal" },
          ...{ servers: ["10.9.0.10:80", "10.9.0.11:80"], check: { path: "/api/v2.0/health" } },
        },
        { name: "registry", port: 5000, ...server, check: { path: "/v2/", tls: true } },
        { name: "ingress", mode: "http", port: 80, pool: { name: "worker", port: 30080 } },
      ],
    },
  });
  if (entry.kind !== "vip") throw new Error("planned was another kind");
  const text = renderHaproxy(entry);
  const section = (head: string) =>
    text
      .split(/^(?=\S)/m)
      .find((each) => each.startsWith(`${head}\n`))
      ?.trimEnd();

  test("the API's own part is as it is without", () => {
    expect(text.startsWith(renderHaproxy(planOf().entry))).toBe(true);
  });

  test("over TLS that ends here", () => {
    expect(section("frontend extra-harbor")).toMatchInlineSnapshot(`
      "frontend extra-harbor
          bind :443 ssl crt /etc/haproxy/frontends.pem alpn h2,http/1.1
          mode http
          option httplog
          option forwardfor
          http-request set-header X-Forwarded-Proto https
          timeout client 5m
          timeout http-request 10s
          timeout http-keep-alive 1m
          default_backend extra-harbor"
    `);
    expect(section("backend extra-harbor")).toMatchInlineSnapshot(`
      "backend extra-harbor
          mode http
          timeout server 5m
          balance leastconn
          option httpchk
          http-check send meth GET uri /api/v2.0/health ver HTTP/1.1 hdr Host harbor.prod.internal
          http-check expect status 200-399
          default-server check inter 1s fastinter 200ms fall 2 rise 2 on-marked-down shutdown-sessions
          server 10-9-0-10-80 10.9.0.10:80
          server 10-9-0-11-80 10.9.0.11:80"
    `);
  });

  test("as it is, checked over TLS", () => {
    expect(section("frontend extra-registry")).toMatchInlineSnapshot(`
      "frontend extra-registry
          bind :5000
          default_backend extra-registry"
    `);
    expect(section("backend extra-registry")).toMatchInlineSnapshot(`
      "backend extra-registry
          balance leastconn
          option httpchk
          http-check send meth GET uri /v2/
          http-check expect status 200-399
          default-server check check-ssl verify none inter 1s fastinter 200ms fall 2 rise 2 on-marked-down shutdown-sessions
          server 10-9-0-10-443 10.9.0.10:443"
    `);
  });

  test("of a pool of workers, in plain HTTP", () => {
    expect(section("frontend extra-ingress")).toContain("    mode http\n");
    expect(section("frontend extra-ingress")).not.toContain("ssl");
    expect([
      ...(section("backend extra-ingress") ?? "").matchAll(/server prod\S+ (\S+)/g),
    ]).toHaveLength(2);
  });
});

haproxyTest("HAProxy itself takes the file", () => {
  const ca = join(dir, "ca.crt");
  // Any certificate will do: HAProxy reads it, and that is all.
  const request = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=test";
  const made = spawnSync("openssl", [...request.split(" "), "-keyout", "/dev/null", "-out", ca]);
  expect(made.status).toBe(0);
  const file = join(dir, "haproxy.cfg");
  writeFileSync(file, renderHaproxy(planOf().entry).replaceAll(paths.haproxyCa, ca));
  const run = spawnSync("haproxy", ["-c", "-f", file], { encoding: "utf8" });
  expect(run.stderr + run.stdout).toContain("Configuration file is valid");
  expect(run.stderr).not.toContain("[WARNING]");
});

const device = Object.entries(networkInterfaces()).find(
  ([name, addresses]) => name !== "lo" && addresses !== undefined,
)?.[0];

/** keepalived -t says nothing of a right file; its exit code differs between builds, so a wrong one is tried as well. */
keepalivedTest("keepalived itself takes the file", () => {
  if (device === undefined) return;
  const plan = planOf((config) => (config.networkInterface = device));
  const right = renderKeepalived(plan.entry, first(plan.balancers));
  expect(complaints(right)).toBe("");
  expect(complaints(right.replace("advert_int 0.5", "advert_int never"))).toContain(
    "Advert interval",
  );
});

function complaints(text: string): string {
  const file = join(dir, "keepalived.conf");
  writeFileSync(file, text);
  // In a session of its own: it signals its whole process group when the check is done.
  const run = spawnSync("setsid", ["--wait", "keepalived", "--config-test", "--use-file", file], {
    encoding: "utf8",
  });
  return (run.stdout + run.stderr).trim();
}
