/** Dashboards for Grafana: `npx tsx monitoring/dashboards.ts` writes them, a test holds the files to it. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Dashboard, grafanaDashboard, type Panel } from "./grafana";

/** Selector of a job of the chosen cluster, with more matchers. */
const of = (job: string, more = "") =>
  `{cluster="$cluster", job="${job}"${more === "" ? "" : `, ${more}`}}`;
const cluster = '{cluster="$cluster"}';
const rate = (metric: string, selector: string) => `rate(${metric}${selector}[5m])`;
const quantile = (metric: string, by: string, selector: string) =>
  `histogram_quantile(0.99, sum by (${by}, le) (${rate(`${metric}_bucket`, selector)}))`;

const up = (title: string, job: string): Panel => ({
  ...{ title, kind: "stat", limits: [0.99, 0.5] },
  queries: [[`sum(up${of(job)}) / count(up${of(job)})`, title]],
  unit: "percentunit",
});

const overview: Dashboard = {
  uid: "kubernetes-ha-overview",
  title: "Kubernetes HA / Overview",
  panels: [
    ...(["etcd", "masters", "entry"] as const).map((what): Panel => ({
      ...{ title: `May be lost: ${what}`, kind: "stat", limits: [1, 0.5] },
      queries: [[`kubernetes_ha:tolerance_left{cluster="$cluster", of="${what}"}`, what]],
    })),
    {
      ...{ title: "Alerts", kind: "stat", limits: [0.5, 5] },
      queries: [['count(ALERTS{cluster="$cluster", alertstate="firing"}) or vector(0)', "firing"]],
    },
    up("Hosts that answer", "node"),
    up("Kubelets that answer", "kubelet"),
    {
      ...{ title: "First certificate ends in", kind: "stat", unit: "s", limits: [2592000, 604800] },
      queries: [
        [
          `min(kubernetes_ha_certificate_end_seconds{cluster="$cluster", path!~"/var/lib/kubelet/.+"} - time())`,
          "first",
        ],
      ],
    },
    {
      ...{ title: "Age of the newest snapshot", kind: "stat", unit: "s", limits: [7200, 14400] },
      queries: [[`time() - max(kubernetes_ha_etcd_snapshot_newest_seconds${cluster})`, "newest"]],
    },
    {
      title: "What may still be lost",
      queries: [[`kubernetes_ha:tolerance_left${cluster}`, "{{of}}"]],
    },
    {
      title: "Alerts that fire",
      queries: [
        ['count by (alertname) (ALERTS{cluster="$cluster", alertstate="firing"})', "{{alertname}}"],
      ],
    },
    {
      title: "Who holds the virtual address",
      queries: [
        [
          `node_network_address_info{cluster="$cluster", device!="lo"} and on (cluster, instance, address) kubernetes_ha_vip_info`,
          "{{instance}}",
        ],
      ],
    },
    {
      title: "Hosts that do not answer",
      queries: [[`count by (role) (up${of("node")} == 0)`, "{{role}}"]],
    },
  ],
};

const etcd: Dashboard = {
  uid: "kubernetes-ha-etcd",
  title: "Kubernetes HA / etcd",
  panels: [
    { title: "Members that answer", queries: [[`up${of("etcd")}`, "{{instance}}"]] },
    {
      title: "Who leads",
      queries: [[`etcd_server_is_leader${of("etcd")}`, "{{instance}}"]],
    },
    {
      ...{ title: "Sync of the log, 99th percentile", unit: "s" },
      queries: [
        [quantile("etcd_disk_wal_fsync_duration_seconds", "instance", of("etcd")), "{{instance}}"],
      ],
    },
    {
      ...{ title: "Commit, 99th percentile", unit: "s" },
      queries: [
        [
          quantile("etcd_disk_backend_commit_duration_seconds", "instance", of("etcd")),
          "{{instance}}",
        ],
      ],
    },
    {
      ...{ title: "Size of the database", unit: "bytes" },
      queries: [
        [`etcd_mvcc_db_total_size_in_bytes${of("etcd")}`, "{{instance}}"],
        [`etcd_mvcc_db_total_size_in_use_in_bytes${of("etcd")}`, "{{instance}} in use"],
      ],
    },
    {
      ...{ title: "Round trip between members, 99th percentile", unit: "s" },
      queries: [
        [
          quantile("etcd_network_peer_round_trip_time_seconds", "instance", of("etcd")),
          "{{instance}}",
        ],
      ],
    },
    {
      ...{ title: "Proposals", unit: "reqps" },
      queries: [
        [rate("etcd_server_proposals_committed_total", of("etcd")), "{{instance}} committed"],
        [rate("etcd_server_proposals_failed_total", of("etcd")), "{{instance}} failed"],
      ],
    },
    {
      ...{ title: "Age of the newest snapshot", unit: "s" },
      queries: [[`time() - kubernetes_ha_etcd_snapshot_newest_seconds${cluster}`, "{{instance}}"]],
    },
  ],
};

const api: Dashboard = {
  uid: "kubernetes-ha-api",
  title: "Kubernetes HA / API and entry",
  panels: [
    { title: "Apiservers that answer", queries: [[`up${of("apiserver")}`, "{{instance}}"]] },
    {
      ...{ title: "Requests", unit: "reqps" },
      queries: [
        [`sum by (instance) (${rate("apiserver_request_total", of("apiserver"))})`, "{{instance}}"],
      ],
    },
    {
      ...{ title: "Requests that failed (5xx)", unit: "reqps" },
      queries: [
        [
          `sum by (instance) (${rate("apiserver_request_total", of("apiserver", 'code=~"5.."'))})`,
          "{{instance}}",
        ],
      ],
    },
    {
      ...{ title: "Time to answer, 99th percentile, without watches", unit: "s" },
      queries: [
        [
          quantile(
            "apiserver_request_duration_seconds",
            "verb",
            of("apiserver", 'verb!~"WATCH|CONNECT"'),
          ),
          "{{verb}}",
        ],
      ],
    },
    {
      title: "Apiservers that HAProxy leads to",
      queries: [
        [
          `haproxy_backend_active_servers${of("haproxy", 'proxy="masters"')} + haproxy_backend_backup_servers${of("haproxy", 'proxy="masters"')}`,
          "{{instance}}",
        ],
      ],
    },
    {
      title: "Connections through HAProxy",
      queries: [
        [`haproxy_frontend_current_sessions${of("haproxy", 'proxy="api"')}`, "{{instance}}"],
      ],
    },
    {
      title: "keepalived runs",
      queries: [
        [
          `node_systemd_unit_state${of("node", 'name="keepalived.service", state="active"')}`,
          "{{instance}}",
        ],
      ],
    },
    {
      title: "Objects, the ten most numerous kinds",
      queries: [
        [
          `topk(10, max by (resource) (apiserver_storage_objects${of("apiserver")} or apiserver_resource_objects${of("apiserver")}))`,
          "{{resource}}",
        ],
      ],
    },
  ],
};

const hosts: Dashboard = {
  uid: "kubernetes-ha-hosts",
  title: "Kubernetes HA / Hosts",
  panels: [
    {
      ...{ title: "Processors in use", unit: "percentunit" },
      queries: [
        [
          `1 - avg by (instance) (${rate("node_cpu_seconds_total", of("node", 'mode="idle"'))})`,
          "{{instance}}",
        ],
      ],
    },
    {
      ...{ title: "Memory in use", unit: "percentunit" },
      queries: [
        [
          `1 - node_memory_MemAvailable_bytes${of("node")} / node_memory_MemTotal_bytes${of("node")}`,
          "{{instance}}",
        ],
      ],
    },
    {
      ...{ title: "Disks in use", unit: "percentunit" },
      queries: [
        [
          `1 - node_filesystem_avail_bytes${of("node", 'fstype!~"tmpfs|ramfs"')} / node_filesystem_size_bytes`,
          "{{instance}} {{mountpoint}}",
        ],
      ],
    },
    {
      ...{ title: "Received", unit: "Bps" },
      queries: [
        [
          `sum by (instance) (${rate("node_network_receive_bytes_total", of("node"))})`,
          "{{instance}}",
        ],
      ],
    },
    {
      title: "Units that have failed",
      queries: [
        [`node_systemd_unit_state${of("node", 'state="failed"')} == 1`, "{{instance}} {{name}}"],
      ],
    },
    {
      ...{ title: "Clocks against the middle one", unit: "s" },
      queries: [
        [
          `(node_time_seconds${of("node")} - timestamp(node_time_seconds${of("node")})) - on (cluster) group_left () quantile by (cluster) (0.5, node_time_seconds${of("node")} - timestamp(node_time_seconds${of("node")}))`,
          "{{instance}}",
        ],
      ],
    },
  ],
};

/** Files of the directory `dashboards`, by name. */
export const dashboardFiles: Readonly<Record<string, string>> = Object.fromEntries(
  [overview, etcd, api, hosts].map((dashboard) => [
    `${dashboard.uid.replace("kubernetes-ha-", "")}.json`,
    `${JSON.stringify(grafanaDashboard(dashboard), undefined, 2)}\n`,
  ]),
);

/** All that dashboards ask for, as a file of rules: Prometheus' own tool reads no single expressions. */
export function askedByDashboards(): object {
  const exprs = [overview, etcd, api, hosts].flatMap(({ panels }) =>
    panels.flatMap(({ queries }) => queries.map(([expr]) => expr)),
  );
  const rules = exprs.map((expr, at) => ({ record: `asked:${at}`, expr }));
  return { groups: [{ name: "dashboards", rules }] };
}

if (require.main === module)
  for (const [name, content] of Object.entries(dashboardFiles))
    writeFileSync(join(__dirname, "dashboards", name), content);
