import { type Flow, type HostPlan } from "../model";
import { ports } from "../ports";
import { type Duty, duties, nodeDuties, share } from "../roles";
import { kubeletFlow } from "../flows";
import { type MonitoringConfig } from "./config";

export { monitoring, type MonitoringConfig } from "./config";

/** What is scraped, by what Prometheus calls its job. */
export const scrapeJobs = ["node", "etcd", "haproxy", "apiserver", "kubelet"] as const;
export type ScrapeJob = (typeof scrapeJobs)[number];

/** Somewhere that metrics are read. */
export interface ScrapeTarget {
  job: ScrapeJob;
  /** Name of the host. */
  host: string;
  role: HostPlan["role"];
  pool: string;
  zone: string;
  /** `address:port`. */
  address: string;
}

/** How a cluster is watched. */
export interface MonitoringPlan {
  /** The user that apiservers and kubelets let read metrics, and nothing else. */
  user: string;
  targets: readonly ScrapeTarget[];
}

/** What there is to watch, as the plan has it. */
export interface Watched {
  hosts: readonly HostPlan[];
  /** Whose hosts run HAProxy. */
  haproxy: readonly Duty[];
}

const user = "kubernetes-ha-metrics";

/** Whose hosts serve what, and where. */
function served({ haproxy }: Pick<Watched, "haproxy">) {
  return {
    node: { port: ports.hostMetrics, of: duties },
    etcd: { port: ports.etcdMetrics, of: ["etcd"] },
    haproxy: { port: ports.haproxyMetrics, of: haproxy },
    apiserver: { port: ports.api, of: ["controlPlane"] },
    kubelet: { port: ports.kubelet, of: nodeDuties },
  } satisfies Record<ScrapeJob, { port: number; of: readonly Duty[] }>;
}

/** How a cluster is watched, if it is. */
export function planMonitoring(
  config: MonitoringConfig | undefined,
  watched: Watched,
): MonitoringPlan | undefined {
  if (config === undefined) return undefined;
  const all = served(watched);
  return {
    user,
    targets: scrapeJobs.flatMap((job) =>
      watched.hosts
        .filter((host) => share(host.duties, all[job].of))
        .map(({ name, role, pool, zone, address }) => ({
          ...{ job, host: name, role, pool, zone },
          address: `${address}:${all[job].port}`,
        })),
    ),
  };
}

/** Who may read metrics: whoever watches from the bastion, from a declared range, or from the cluster itself. */
export function monitoringFlows(
  config: MonitoringConfig | undefined,
  watched: Pick<Watched, "haproxy">,
): Flow[] {
  if (config === undefined) return [];
  const { allowedCidrs, inCluster } = config;
  const outside: Flow["from"] = ["bastion", ...allowedCidrs.map((cidr) => ({ cidr }))];
  const from: Flow["from"] = [...outside, ...(inCluster ? nodeDuties : [])];
  const all = served(watched);
  const metrics = (job: ScrapeJob, why: string): Flow => ({
    ...{ name: "metrics", why, protocol: "TCP", port: all[job].port, from, to: all[job].of },
  });
  return [
    metrics("node", "metrics of hosts"),
    metrics("etcd", "metrics of etcd"),
    metrics("haproxy", "metrics of HAProxy"),
    // Nodes reach these anyway.
    { ...metrics("apiserver", "API, and its metrics"), name: "api", from: outside },
    { ...kubeletFlow, why: "kubelet's metrics", from: outside, awaited: [] },
  ];
}
