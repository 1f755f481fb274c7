import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { stringify } from "yaml";
import type { MonitoringOutput } from "../access/outputs";

const header = "# Made by `npm run monitoring`: changes are lost.\n";
const source = resolve(__dirname, "../../monitoring");

export interface MonitoringOptions {
  /** Proxy that leads to the cluster's private addresses, `socks5://127.0.0.1:1080`. @default they are reached as they are */
  proxyUrl?: string | undefined;
  /** Where alerts go, `host:port`. @default nowhere: Prometheus shows them */
  alertmanagers?: readonly string[];
  /** Seconds from one look to the next, and from one judgement to the next. @default 15 */
  intervalSeconds?: number;
}

/** A secret, or what anybody may read. */
interface File {
  content: string;
  mode: number;
}

/** Series of apiservers that are many and that nothing here asks for. */
const dropped =
  "apiserver_(request_body_size_bytes|request_sli_duration_seconds|response_sizes|watch_events_sizes|watch_list_duration_seconds)_bucket|etcd_request_duration_seconds_bucket";

/**
 * What a Prometheus is configured with, by path below its directory. The lists of targets are files of their own, which it takes up when they change.
 */
export function monitoringFiles(
  output: MonitoringOutput,
  options: MonitoringOptions = {},
): Record<string, File> {
  const open = (content: string): File => ({ content, mode: 0o644 });
  const jobs = [...new Set(output.targets.map(({ job }) => job))];
  return {
    "prometheus.yml": open(header + yaml(configuration(output, jobs, options))),
    ...Object.fromEntries(
      jobs.map((job) => [`targets/${job}.yml`, open(header + yaml(targetsOf(output, job)))]),
    ),
    "ca.crt": open(output.certificateAuthority),
    "client.crt": open(output.clientCertificate),
    "client.key": { content: output.clientKey, mode: 0o600 },
    ...copies("alerts"),
    ...copies("dashboards"),
  };
}

/** Without anchors: people read it. */
const yaml = (value: object): string => stringify(value, { aliasDuplicateObjects: false });

function copies(directory: string): Record<string, File> {
  const names = readdirSync(join(source, directory)).filter((name) => /\.(yml|json)$/.test(name));
  return Object.fromEntries(
    names.map((name) => {
      const path = `${directory}/${name}`;
      return [path, { content: readFileSync(join(source, path), "utf8"), mode: 0o644 }];
    }),
  );
}

function configuration(
  { apiName }: MonitoringOutput,
  jobs: readonly string[],
  { proxyUrl, alertmanagers = [], intervalSeconds = 15 }: MonitoringOptions,
): object {
  const client = { cert_file: "client.crt", key_file: "client.key" };
  const secure = {
    apiserver: { ca_file: "ca.crt", ...client, server_name: apiName },
    // A kubelet's certificate is its own; what is shown to it is of use to nobody else.
    kubelet: { ...client, insecure_skip_verify: true },
  };
  const job = (name: string, more: object = {}, listed = name) => ({
    job_name: name,
    ...(listed in secure && {
      scheme: "https",
      tls_config: secure[listed as keyof typeof secure],
    }),
    ...(proxyUrl !== undefined && { proxy_url: proxyUrl }),
    file_sd_configs: [{ files: [`targets/${listed}.yml`] }],
    ...more,
  });
  const own: Readonly<Record<string, object>> = {
    apiserver: {
      // While a member of etcd is dead it takes more than 10 s over its metrics at times, and is not down for that.
      scrape_interval: "30s",
      scrape_timeout: "30s",
      metric_relabel_configs: [{ source_labels: ["__name__"], regex: dropped, action: "drop" }],
    },
  };
  return {
    global: {
      scrape_interval: `${intervalSeconds}s`,
      scrape_timeout: `${Math.min(10, intervalSeconds)}s`,
      evaluation_interval: `${intervalSeconds}s`,
    },
    rule_files: ["alerts/*.yml"],
    ...(alertmanagers.length > 0 && {
      alerting: { alertmanagers: [{ static_configs: [{ targets: alertmanagers }] }] },
    }),
    scrape_configs: [
      ...jobs.map((name) => job(name, own[name])),
      // What kubelets say of the pods that they probe.
      job("kubelet-probes", { metrics_path: "/metrics/probes" }, "kubelet"),
    ],
  };
}

/** `instance` is the host's name: rules put what several jobs say of a host together by it. */
function targetsOf({ cluster, targets }: MonitoringOutput, wanted: string): object[] {
  return targets
    .filter(({ job }) => job === wanted)
    .map(({ address, host, role, pool, zone }) => ({
      targets: [address],
      labels: { cluster, instance: host, role, pool, zone },
    }));
}

/**
 * Writes the files of {@link monitoringFiles}, each whole or not at all, for their owner alone where they are secret. Others in the directory stay.
 * @returns the directory's absolute path.
 */
export function writeMonitoring(
  output: MonitoringOutput,
  directory: string,
  options: MonitoringOptions = {},
): string {
  const place = resolve(directory);
  for (const [path, { content, mode }] of Object.entries(monitoringFiles(output, options))) {
    const file = join(place, path);
    mkdirSync(dirname(file), { recursive: true, mode: 0o755 });
    writeFileSync(`${file}.new`, content, { mode });
    renameSync(`${file}.new`, file);
  }
  return place;
}
