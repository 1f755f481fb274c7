import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import {
  renderDirector,
  renderHaproxy,
  renderMasquerade,
  renderSilentAddresses,
} from "../../../components/render";
import { first, lvsPlanOf } from "../plan/fixture";

const installed = (program: string) =>
  spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;
const keepalivedTest = installed("keepalived") ? test : test.skip;

const pool = { balancers: { members: 2, instanceType: "S5.MEDIUM2" } };
const direct = lvsPlanOf();
const pooled = lvsPlanOf({ ...pool, forwarding: "nat", scheduler: "rr" });
const director = (plan: typeof direct) => renderDirector(plan.entry, first(plan.entry.directors));

describe("what is fronted beside the API", () => {
  const extraFrontends = [{ name: "web", port: 443, servers: ["10.9.0.10:443"] }];
  const services = (text: string) =>
    [...text.matchAll(/^virtual_server (\S+ \d+) [^]*?^}/gm)].map(([all, at]) => [
      at,
      [...all.matchAll(/real_server (\S+ \d+) [^]*?connect_port (\d+)/g)].map(
        ([, server, asked]) => `${server}, asked at ${asked}`,
      ),
    ]);

  test("goes to HAProxy at its own port, by the same checks of HAProxy", () => {
    const plan = lvsPlanOf({ ...pool, extraFrontends });
    expect(services(director(plan))).toEqual([
      ["10.0.0.12 6443", ["10.0.0.32 6443, asked at 8404", "10.0.0.33 6443, asked at 8404"]],
      ["10.0.0.12 443", ["10.0.0.32 443, asked at 8404", "10.0.0.33 443, asked at 8404"]],
    ]);
  });

  test("nat: the director makes itself its sender, too", () => {
    const { entry } = lvsPlanOf({ ...pool, forwarding: "nat", extraFrontends });
    const rules = renderMasquerade(entry, first(entry.directors));
    expect(
      [...rules.matchAll(/-d (\S+)\/32 -p tcp --dport (\d+) /g)].map(([, a, p]) => `${a} ${p}`),
    ).toEqual(["10.0.0.32 6443", "10.0.0.33 6443", "10.0.0.32 443", "10.0.0.33 443"]);
  });
});

test("a director by MAC asks each master for itself alone, and copies connections", () => {
  const text = director(direct);
  expect(text.replaceAll(/ {4}real_server 10\.0\.0\.6[56][^]*?\n {4}\}\n/g, ""))
    .toMatchInlineSnapshot(`
    "# Made by tencentcloud-kubernetes-ha; changes here are lost.
    global_defs {
        router_id prod-director-1
        vrrp_version 3
        lvs_sync_daemon eth0 api id 52
    }

    vrrp_instance api {
        state BACKUP
        nopreempt
        interface eth0
        virtual_router_id 52
        priority 100
        advert_int 0.5
        unicast_src_ip 10.0.0.22
        unicast_peer {
            10.0.0.23
        }
        garp_master_delay 1
        garp_master_refresh 5
        virtual_ipaddress {
            10.0.0.12/32 dev eth0
        }
    }

    virtual_server 10.0.0.12 6443 {
        delay_loop 1
        lvs_sched lc
        lvs_method DR
        protocol TCP
        quorum 1
        hysteresis 0
        real_server 10.0.0.64 6443 {
            weight 1
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
  expect(text.match(/real_server \S+ 6443/g)).toEqual([
    "real_server 10.0.0.64 6443",
    "real_server 10.0.0.65 6443",
    "real_server 10.0.0.66 6443",
  ]);
});

test("a director by NAT asks HAProxy for its process, and copies nothing that would be of no use", () => {
  const text = director(pooled);
  expect(text).toContain("lvs_method NAT\n");
  expect(text).toContain("lvs_sched rr\n");
  expect(text).not.toContain("lvs_sync_daemon");
  expect(text).not.toContain("readyz");
  expect(text.match(/HTTP_GET \{\s+url \{\s+path \/healthz/g)).toHaveLength(2);
  expect(text.match(/connect_port 8404/g)).toHaveLength(2);
});

test("HAProxy shows its health where directors ask for it, and nowhere else for others", () => {
  const { entry } = pooled;
  expect(renderHaproxy({ ...entry, healthPort: 8404 })).toContain(
    "health.sock mode 666\n    bind :8404\n    timeout client 5s\n",
  );
  expect(renderHaproxy(entry)).not.toContain("8404");
});

test("what a director forwards by NAT comes from the director", () => {
  expect(renderMasquerade(pooled.entry, first(pooled.entry.directors))).toBe(
    [
      "# Made by tencentcloud-kubernetes-ha; changes here are lost.",
      ...["*nat", ":KUBERNETES-HA - [0:0]"],
      "-A KUBERNETES-HA -d 10.0.0.32/32 -p tcp --dport 6443 -j SNAT --to-source 10.0.0.22",
      "-A KUBERNETES-HA -d 10.0.0.33/32 -p tcp --dport 6443 -j SNAT --to-source 10.0.0.22",
      ...["COMMIT", ""],
    ].join("\n"),
  );
});

test("silent addresses are on the loopback once the kernel keeps silent about them", () => {
  expect(renderSilentAddresses(["10.0.0.12"])).toMatchInlineSnapshot(`
    "# Made by tencentcloud-kubernetes-ha; changes here are lost.
    [Unit]
    Description=Addresses that others forward to this host by its MAC
    After=systemd-sysctl.service

    [Service]
    Type=oneshot
    RemainAfterExit=yes
    ExecStart=/sbin/ip address replace 10.0.0.12/32 dev lo
    ExecStop=/sbin/ip address delete 10.0.0.12/32 dev lo

    [Install]
    WantedBy=multi-user.target
    "
  `);
});

let dir: string;
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), "lvs-"))));
afterEach(() => rmSync(dir, { recursive: true }));

const device = Object.entries(networkInterfaces()).find(
  ([name, addresses]) => name !== "lo" && addresses !== undefined,
)?.[0];

keepalivedTest.each([
  ["dr", direct],
  ["nat", pooled],
])("keepalived itself takes the file of %s", (_, { entry }) => {
  if (device === undefined) return;
  const file = join(dir, "keepalived.conf");
  writeFileSync(
    file,
    renderDirector({ ...entry, networkInterface: device }, first(entry.directors)),
  );
  // In a session of its own: it signals its whole process group when the check is done.
  const run = spawnSync("setsid", ["--wait", "keepalived", "--config-test", "--use-file", file], {
    encoding: "utf8",
  });
  expect((run.stdout + run.stderr).trim()).toBe("");
});
