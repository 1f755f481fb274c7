import { kubeletValiditySeconds } from "../plan/certificates";
import { type ClusterPlan, type HostPlan } from "../plan/cluster";
import { entryKindOf } from "../plan/entry";
import { ports } from "../plan/ports";
import { nodeDuties, share } from "../plan/roles";
import { secondsOf } from "../plan/schema/times";
import { toYaml } from "./yaml";

const heading = "# Made by tencentcloud-kubernetes-ha; changes here are lost.";

/** Services whose state is told, as a regular expression. Without a backslash, which Debian's file would take two of. */
const watchedUnits =
  "(chrony|containerd|kubelet|haproxy|keepalived|nginx|kubernetes-ha-.+)[.](service|timer)";

/** What Debian's node_exporter is started with: at the private address alone, with the state of services and the addresses that the host has. */
export function renderNodeExporter({ address }: Pick<HostPlan, "address">): string {
  const flags = [
    `--web.listen-address=${address}:${ports.hostMetrics}`,
    "--collector.systemd",
    `--collector.systemd.unit-include=${watchedUnits}`,
    // Who holds a virtual address.
    "--collector.netdev.address-info",
    // Those of pods come and go.
    "--collector.netdev.device-exclude=^(lo|veth.+)",
    "--collector.netclass.ignored-devices=^veth.+",
  ];
  return `${heading}\nARGS="${flags.join(" ")}"\n`;
}

/** Drop-in of node_exporter: started again for ever, as its address may come after it. */
export function renderNodeExporterDropIn(): string {
  return `${heading}
[Unit]
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
Restart=always
RestartSec=5
`;
}

/** What of the plan the rules of alerts compare a host with, for node_exporter's textfile collector. */
export function renderHostFacts(plan: ClusterPlan, host: HostPlan): string {
  const { entry, config, snapshotStore } = plan;
  const facts: string[] = [];
  const tell = (name: string, help: string, labels: string, value: number) =>
    facts.push(`# HELP ${name} ${help}`, `# TYPE ${name} gauge`, `${name}${labels} ${value}`);
  const { keepalived = [] } = entryKindOf(entry).runs(entry);
  // Where every node keeps its own address nobody takes it over.
  if ("vip" in entry && share(host.duties, keepalived)) {
    const help = "Virtual address that this host may hold.";
    tell("kubernetes_ha_vip_info", help, `{address="${entry.vip}"}`, 1);
  }
  const { enabled, every } = config.etcd.snapshots;
  if (host.duties.includes("etcd") && enabled) {
    const name = "kubernetes_ha_etcd_snapshot";
    const interval = "Time from one snapshot of this member to the next.";
    tell(`${name}_interval_seconds`, interval, "", secondsOf(every));
    const stored = "Whether snapshots go to the object storage as well.";
    tell(`${name}_store_configured`, stored, "", snapshotStore === undefined ? 0 : 1);
  }
  const { certificateValidity } = config.pki;
  if (share(host.duties, ["etcd", "controlPlane"])) {
    const name = "kubernetes_ha_certificate_validity_seconds";
    const help =
      "How long certificates are valid that this host issues; it renews them from half of that on.";
    tell(name, help, "", secondsOf(certificateValidity));
  }
  if (share(host.duties, nodeDuties)) {
    const name = "kubernetes_ha_kubelet_certificate_validity_seconds";
    const help =
      "How long a certificate of this node's kubelet is valid, which renews it when 70 to 90 % are over.";
    tell(name, help, "", kubeletValiditySeconds(certificateValidity));
  }
  return `${[heading, ...facts].join("\n")}\n`;
}

/** HAProxy's own metrics, at the private address of its host. */
export function renderMetricsFrontend(address: string): string {
  return `
# Metrics in Prometheus' format.
frontend metrics
    mode http
    bind ${address}:${ports.haproxyMetrics}
    timeout client 30s
    option dontlog-normal
    http-request use-service prometheus-exporter if { path /metrics }
    http-request deny deny_status 404
`;
}

const role = "kubernetes-ha:metrics";
const rbac = "rbac.authorization.k8s.io";

/** The right to read metrics of apiservers and kubelets, which a Prometheus in the cluster is given by a binding of its own. */
export function renderMetricsRights(user: string): string {
  return toYaml(
    {
      apiVersion: `${rbac}/v1`,
      kind: "ClusterRole",
      metadata: { name: role },
      rules: [
        { nonResourceURLs: ["/metrics", "/metrics/*"], verbs: ["get"] },
        { apiGroups: [""], resources: ["nodes/metrics"], verbs: ["get"] },
      ],
    },
    {
      apiVersion: `${rbac}/v1`,
      kind: "ClusterRoleBinding",
      metadata: { name: role },
      roleRef: { apiGroup: rbac, kind: "ClusterRole", name: role },
      subjects: [{ kind: "User", apiGroup: rbac, name: user }],
    },
  );
}
