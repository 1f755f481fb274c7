import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { renderApiRedirect, renderLocalEndpoint } from "../../../components/render";
import { haproxyBase } from "../../../components/render/haproxy";
import { haproxyCheck } from "../../../policy/facts/health";
import { first, planWith } from "../plan/fixture";

const plan = planWith({ kind: "clb" });
const master = first(plan.masters.slice(1));

test("HAProxy of a master answers for its own apiserver, and leads to it before all others", () => {
  expect(renderLocalEndpoint(plan.entry, master).slice(haproxyBase.length)).toMatchInlineSnapshot(`
    "
    # What the load balancer asks for, in plain HTTP.
    frontend readiness
        mode http
        bind 10.0.0.65:6445
        timeout client 5s
        option dontlog-normal
        http-request deny deny_status 404 unless { path /readyz }
        http-request set-uri /readyz?exclude=etcd&exclude=etcd-readiness
        http-request set-header Host api.prod.internal
        default_backend itself

    # No connection is kept: one to an apiserver that has been replaced meanwhile would fail a probe.
    backend itself
        mode http
        option http-server-close
        http-reuse never
        timeout connect 500ms
        timeout server 1s
        retries 0
        server prod-master-2 10.0.0.65:6443 ssl sni str(api.prod.internal) verify required verifyhost api.prod.internal ca-file /etc/haproxy/kubernetes-ca.crt

    frontend api
        bind 10.0.0.65:6444
        default_backend masters

    backend masters
        balance leastconn
        option allbackups
        option httpchk
        http-check send meth GET uri /readyz?exclude=etcd&exclude=etcd-readiness ver HTTP/1.1 hdr Host api.prod.internal
        http-check expect status 200
        default-server check check-ssl check-sni api.prod.internal verify required verifyhost api.prod.internal ca-file /etc/haproxy/kubernetes-ca.crt inter 1s fastinter 200ms fall 2 rise 2 observe layer4 error-limit 1 on-error sudden-death on-marked-down shutdown-sessions
        server prod-master-1 10.0.0.64:6443 backup
        server prod-master-2 10.0.0.65:6443
        server prod-master-3 10.0.0.66:6443 backup
    "
  `);
});

test("a check that takes a member out does not measure what all members share", () => {
  const text = renderLocalEndpoint(plan.entry, master);
  const asked = text.split("\n").filter((line) => line.includes(" /readyz?"));
  expect(asked).toHaveLength(2);
  for (const line of asked) expect(line).toContain("/readyz?exclude=etcd&exclude=etcd-readiness");
});

test("the policies read how it checks", () =>
  expect(haproxyCheck(renderLocalEndpoint(plan.entry, master))).toEqual({
    ...{ interval: 1, failures: 2, timeout: 1 },
  }));

test("a host that is no master is refused", () =>
  expect(() => renderLocalEndpoint(plan.entry, first(plan.workers))).toThrow(
    "prod-worker-1 is none of the masters",
  ));

test("what goes to the load balancer from a master and its pods is led to its HAProxy", () => {
  expect(renderApiRedirect(plan.entry, master)).toMatchInlineSnapshot(`
    "# Made by tencentcloud-kubernetes-ha; changes here are lost.
    table ip kubernetes-ha-api
    delete table ip kubernetes-ha-api
    table ip kubernetes-ha-api {
        # From this host, pods in its network among them.
        chain output {
            type nat hook output priority -100; policy accept;
            ip daddr 10.0.0.11 tcp dport 6443 dnat to 10.0.0.65:6444
        }
        # From pods in the pod network.
        chain prerouting {
            type nat hook prerouting priority dstnat; policy accept;
            ip daddr 10.0.0.11 tcp dport 6443 dnat to 10.0.0.65:6444
        }
    }
    "
  `);
});

const nftTest =
  spawnSync("nft", ["--check", "--file", "/dev/null"]).status === 0 ? test : test.skip;

nftTest("nft takes the rules", () => {
  const dir = mkdtempSync(join(tmpdir(), "redirect-"));
  try {
    const file = join(dir, "rules.nft");
    writeFileSync(file, renderApiRedirect(plan.entry, master));
    const { status, stderr } = spawnSync("nft", ["--check", "--file", file], { encoding: "utf8" });
    expect([status, stderr]).toEqual([0, ""]);
  } finally {
    rmSync(dir, { recursive: true });
  }
});
