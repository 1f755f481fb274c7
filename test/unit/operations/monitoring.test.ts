import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { monitoringFiles, writeMonitoring } from "../../../operations/monitoring/files";
import { planHaving } from "../plan/fixture";

const plan = planHaving({ monitoring: {} });
const output = {
  ...{ cluster: "prod", apiName: "api.prod.internal" },
  targets: [...(plan.monitoring?.targets ?? [])],
  ...{ certificateAuthority: "CA", clientCertificate: "CERT", clientKey: "KEY" },
};
interface Configuration {
  alerting?: object;
  scrape_configs: Record<string, unknown>[];
}
const configuration = (options = {}) =>
  parse(monitoringFiles(output, options)["prometheus.yml"]?.content ?? "") as Configuration;
const job = (name: string, options = {}) =>
  configuration(options).scrape_configs.find((each) => each["job_name"] === name);

test("a job for each kind of target, and one for what kubelets probe", () => {
  expect(configuration().scrape_configs.map((each) => each["job_name"])).toEqual([
    ...["node", "etcd", "haproxy", "apiserver", "kubelet", "kubelet-probes"],
  ]);
  expect(job("etcd")).toEqual({
    job_name: "etcd",
    file_sd_configs: [{ files: ["targets/etcd.yml"] }],
  });
});

test("apiservers are known by the cluster's CA and the API's name, kubelets are not known; both know who asks", () => {
  const client = { cert_file: "client.crt", key_file: "client.key" };
  expect(job("apiserver")).toMatchObject({
    scheme: "https",
    tls_config: { ...client, ca_file: "ca.crt", server_name: "api.prod.internal" },
  });
  for (const name of ["kubelet", "kubelet-probes"])
    expect(job(name)).toMatchObject({
      scheme: "https",
      tls_config: { ...client, insecure_skip_verify: true },
      file_sd_configs: [{ files: ["targets/kubelet.yml"] }],
    });
  expect(job("kubelet-probes")).toMatchObject({ metrics_path: "/metrics/probes" });
});

test("through a proxy goes all or nothing; alerts go where they are to", () => {
  const { scrape_configs } = configuration({ proxyUrl: "socks5://127.0.0.1:1080" });
  expect(scrape_configs.every((each) => each["proxy_url"] === "socks5://127.0.0.1:1080")).toBe(
    true,
  );
  expect(JSON.stringify(configuration())).not.toContain("proxy_url");
  expect(configuration().alerting).toBeUndefined();
  expect(configuration({ alertmanagers: ["10.9.0.4:9093"] }).alerting).toEqual({
    alertmanagers: [{ static_configs: [{ targets: ["10.9.0.4:9093"] }] }],
  });
});

test("a target is a host by its name, with what people group by", () => {
  const targets = parse(monitoringFiles(output)["targets/etcd.yml"]?.content ?? "") as unknown[];
  expect(targets[0]).toEqual({
    targets: [`${plan.etcd[0]?.address}:2381`],
    labels: {
      ...{ cluster: "prod", instance: "prod-etcd-1", role: "etcd", pool: "etcd" },
      zone: "ap-guangzhou-3",
    },
  });
  expect(targets).toHaveLength(3);
});

test("rules and dashboards come along", () => {
  const paths = Object.keys(monitoringFiles(output));
  expect(paths).toContain("alerts/etcd.yml");
  expect(paths).toContain("dashboards/overview.json");
});

test("the key is its owner's alone, whatever was there; others' files stay", () => {
  const dir = mkdtempSync(join(tmpdir(), "monitoring-"));
  try {
    writeFileSync(join(dir, "mine.yml"), "mine");
    writeFileSync(join(dir, "client.key"), "old", { mode: 0o644 });
    expect(writeMonitoring(output, dir)).toBe(dir);
    expect(statSync(join(dir, "client.key")).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(dir, "client.key"), "utf8")).toBe("KEY");
    expect(readFileSync(join(dir, "mine.yml"), "utf8")).toBe("mine");
    writeMonitoring(output, dir);
  } finally {
    rmSync(dir, { recursive: true });
  }
});
