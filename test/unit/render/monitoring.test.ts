import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hostNeeds } from "../../../components/needs";
import {
  renderEtcdConfiguration,
  renderHaproxy,
  renderHostFacts,
  renderLocalEndpoint,
  renderMetricsRights,
} from "../../../components/render";
import { sharedPreparation } from "../../../components/preparation";
import { first, planHaving, planOf, planWith } from "../plan/fixture";
import { documentsOf } from "./documents";

const plan = planOf((config) => (config.monitoring = {}));
const without = planOf();
const fileOf = (host: (typeof plan.hosts)[number], path: string, of = plan) =>
  hostNeeds(of, host).files.find((file) => file.path === path)?.content;

describe("node_exporter", () => {
  test("is on every host, at its private address alone", () => {
    for (const host of plan.hosts) {
      const needs = hostNeeds(plan, host);
      expect(needs.packages).toContain("prometheus-node-exporter");
      expect(needs.services.map(({ unit }) => unit)).toContain("prometheus-node-exporter");
      expect(fileOf(host, "/etc/default/prometheus-node-exporter")).toContain(
        `--web.listen-address=${host.address}:9100 `,
      );
    }
  });

  test("is on none where nobody watches", () => {
    for (const host of without.hosts) {
      const needs = hostNeeds(without, host);
      expect(needs.packages).not.toContain("prometheus-node-exporter");
      expect(needs.files.filter(({ path }) => path.includes("prometheus"))).toEqual([]);
      expect(JSON.stringify(needs.services)).not.toContain("prometheus");
    }
  });

  test("its flags hold nothing that systemd or a shell would read otherwise", () => {
    const text = fileOf(first(plan.workers), "/etc/default/prometheus-node-exporter") ?? "";
    const [, value = ""] = /^ARGS="(.*)"$/m.exec(text) ?? [];
    expect(value).not.toMatch(/["'\\$%]/);
    expect(value.split(" ").every((flag) => flag.startsWith("--"))).toBe(true);
  });

  test("of a pool all but the address is shared", () => {
    const worker = first(plan.workers);
    const own = hostNeeds(plan, worker).files.filter(({ path }) => path.includes("prometheus"));
    const shared = sharedPreparation(plan, worker).files.map(({ path }) => path);
    expect(own.map(({ path }) => path).filter((path) => !shared.includes(path))).toEqual([
      "/etc/default/prometheus-node-exporter",
    ]);
  });
});

describe("what hosts tell of the plan", () => {
  const facts = (host: (typeof plan.hosts)[number], of = plan) =>
    renderHostFacts(of, host)
      .split("\n")
      .filter((each) => each !== "" && !each.startsWith("#"));

  test("balancers: the virtual address that they may hold", () => {
    for (const host of plan.balancers)
      expect(facts(host)).toEqual(['kubernetes_ha_vip_info{address="10.0.0.10"} 1']);
  });

  test("members of etcd: how often they take snapshots, and whether these go elsewhere", () => {
    expect(facts(first(plan.etcd))).toEqual([
      "kubernetes_ha_etcd_snapshot_interval_seconds 3600",
      "kubernetes_ha_etcd_snapshot_store_configured 0",
      "kubernetes_ha_certificate_validity_seconds 31536000",
    ]);
    const stored = planOf((config) => {
      const cos = { bucket: "backups-1250000000" };
      Object.assign(config, { monitoring: {} });
      Object.assign(config.etcd, { snapshots: { every: "15m", cos } });
    });
    expect(facts(first(stored.etcd), stored)).toEqual([
      "kubernetes_ha_etcd_snapshot_interval_seconds 900",
      "kubernetes_ha_etcd_snapshot_store_configured 1",
      "kubernetes_ha_certificate_validity_seconds 31536000",
    ]);
    const none = planOf((config) => {
      Object.assign(config.etcd, { snapshots: { enabled: false } });
    });
    expect(facts(first(none.etcd), none).join()).not.toContain("snapshot");
  });

  test("nodes: how long certificates are valid; others, and hosts whose proxy is their own: no more", () => {
    const validity = "kubernetes_ha_kubelet_certificate_validity_seconds 31536000";
    expect(facts(first(plan.workers))).toEqual([validity]);
    expect(facts(first(plan.masters))).toEqual([
      "kubernetes_ha_certificate_validity_seconds 31536000",
      validity,
    ]);
    expect(facts(plan.bastion)).toEqual([]);
    const local = planHaving({ monitoring: {}, entry: { kind: "nodeLocal", proxy: "ipvs" } });
    for (const host of local.workers) expect(renderHostFacts(local, host)).not.toContain("vip");
  });
});

describe("etcd", () => {
  const member = first(plan.etcd);
  const urls = (of: typeof plan) =>
    /name: listen-metrics-urls\n +value: (.*)/.exec(renderEtcdConfiguration(of, member))?.[1];

  test("serves metrics at its private address as well, after the loopback, by which kubeadm probes it", () => {
    expect(urls(plan)).toBe(`http://127.0.0.1:2381,http://${member.address}:2381`);
    expect(urls(without)).toBeUndefined();
  });
});

describe("HAProxy", () => {
  const balancer = first(plan.balancers);
  const texts = {
    balancer: renderHaproxy({ ...plan.entry, metricsAddress: balancer.address }),
    "local endpoint": (() => {
      const clb = planWith({ kind: "clb" }, (config) => (config.monitoring = {}));
      return renderLocalEndpoint(clb.entry, first(clb.masters), { watched: true });
    })(),
    "node proxy": (() => {
      const local = planHaving({ monitoring: {}, entry: { kind: "nodeLocal", proxy: "haproxy" } });
      return fileOf(first(local.workers), "/etc/haproxy/haproxy.cfg", local as typeof plan) ?? "";
    })(),
  };

  test.each(Object.entries(texts))("of a %s has one more frontend, the last", (_, text) => {
    expect(text).toMatch(
      /\nfrontend metrics\n {4}mode http\n {4}bind 10\.0\.\d+\.\d+:8405\n(?: {4}.*\n)+$/,
    );
    expect(text).toContain("http-request use-service prometheus-exporter if { path /metrics }");
  });

  test("has none where nobody watches", () => {
    expect(renderHaproxy(without.entry)).not.toContain("metrics");
  });

  const installed = spawnSync("sh", ["-c", "command -v haproxy"]).status === 0;
  (installed ? test : test.skip)("takes it", () => {
    const dir = mkdtempSync(join(tmpdir(), "haproxy-"));
    try {
      const file = join(dir, "haproxy.cfg");
      writeFileSync(file, texts.balancer.replaceAll(/ ca-file \S+/g, " ca-file @system-ca"));
      expect(spawnSync("haproxy", ["-q", "-c", "-f", file]).status).toBe(0);
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});

test("who reads metrics may do that and nothing else", () => {
  expect(documentsOf(renderMetricsRights("watcher"))).toMatchObject({
    ClusterRole: {
      rules: [
        { nonResourceURLs: ["/metrics", "/metrics/*"], verbs: ["get"] },
        { apiGroups: [""], resources: ["nodes/metrics"], verbs: ["get"] },
      ],
    },
    ClusterRoleBinding: { subjects: [{ kind: "User", name: "watcher" }] },
  });
});
