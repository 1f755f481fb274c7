import { HaCluster } from "../../../components/cluster";
import type { MonitoringOutput } from "../../../components/monitoring";
import type { ClusterConfigInput } from "../../../components/plan/config";
import { minimalConfig } from "../plan/fixture";
import { type CommandInputs, record, type Registered, settled } from "./support/recording";

let watched: Registered[];
let without: Registered[];
let output: MonitoringOutput;
let unwatched: unknown;
beforeAll(async () => {
  const made = async (more: Partial<ClusterConfigInput>) => {
    const all = await record();
    const config = { ...minimalConfig(), ...more };
    const cluster = new HaCluster(config.name, { config });
    await settled(all);
    return { all, cluster };
  };
  const plain = await made({});
  [without, unwatched] = [plain.all, plain.cluster.monitoring];
  const { all, cluster } = await made({ monitoring: {} });
  watched = all;
  output = await new Promise((resolve) => cluster.monitoring?.apply(resolve));
});

const command = "command:remote:Command";
const filesOf = (all: Registered[], name: string) => {
  const found = all.find((each) => each.name === name && each.type === command);
  if (found === undefined) throw new Error(`no step ${name}`);
  const { stdin } = found.inputs as unknown as CommandInputs;
  const { files } = JSON.parse(stdin) as { files: { path: string; content: string }[] };
  return new Map(files.map(({ path, content }) => [path, content]));
};

test("it takes one certificate more, and no other resource", () => {
  const names = (all: Registered[]) => all.map(({ type, name }) => `${type} ${name}`);
  const before = new Set(names(without));
  const more = names(watched).filter((each) => !before.has(each));
  expect(more).toEqual(["command:local:Command prod-pki-metrics"]);
  expect(watched).toHaveLength(without.length + 1);
});

test("who is not watched gives out nothing", () => {
  expect(unwatched).toBeUndefined();
});

test("a certificate is asked for who reads metrics, in no group, of the cluster's CA; it is secret", () => {
  const asked = watched.find(({ name }) => name === "prod-pki-metrics");
  const { make, clients } = JSON.parse((asked?.inputs as unknown as CommandInputs).stdin) as {
    make: string;
    clients: Record<string, object>;
  };
  expect(make).toBe("clients");
  expect(clients).toEqual({
    metrics: {
      ...{ commonName: "kubernetes-ha-metrics", organizations: [], days: 730 },
      authority: expect.objectContaining({ crt: output.certificateAuthority }) as unknown,
    },
  });
  expect(asked?.secretInputs).toContain("stdin");
  expect(output).toMatchObject({ cluster: "prod", apiName: "api.prod.internal" });
});

test("members, balancers and masters are told, workers by what their pool shares", () => {
  expect(filesOf(watched, "prod-etcd-1-etcd").get("/etc/kubernetes/etcd.yaml")).toContain(
    "listen-metrics-urls",
  );
  const haproxy = "/etc/haproxy/haproxy.cfg";
  expect(filesOf(watched, "prod-balancer-1-balancer").get(haproxy)).toContain("bind 10.0.0.");
  const rights = "/etc/kubernetes/addons/metrics-rights.yaml";
  expect(filesOf(watched, "prod-master-1-control-plane").has(rights)).toBe(true);
  expect(filesOf(without, "prod-master-1-control-plane").has(rights)).toBe(false);
  expect(
    filesOf(watched, "prod-worker-1-worker").get("/etc/default/prometheus-node-exporter"),
  ).toContain(":9100");
});
