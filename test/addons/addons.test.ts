import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { placeOf } from "../../drills/site";
import { probeImage } from "../../lab/probeImage";
import { must } from "../../lab/process";
import { clusterReady } from "../../lab/up";
import { waitFor } from "../../lab/wait";
import { defaultSocksPort } from "../../operations/access/files";
import { Edits } from "../support/edits";
import { TestLab } from "../support/lab";
import { labPlan } from "../support/labPlan";

// examples/addons goes up on a cluster of real hosts, does its work, and goes. One story: each chapter needs the one before it.
jest.setTimeout(60 * 60_000);

const lab = new TestLab("addons");
const plan = labPlan({});
const nodes = [...plan.masters, ...plan.workers].map(({ name }) => name).sort();

/** HAProxy of the entry fronts the ingress controller, at the ports that it has on workers unless told otherwise. */
const extraFrontends = [
  { name: "http", port: 80, pool: { name: "worker", port: 31_080 } },
  { name: "https", port: 443, pool: { name: "worker", port: 31_443 } },
];
const dir = mkdtempSync(join(tmpdir(), "kubernetes-ha-addons-"));

beforeAll(async () => {
  await lab.must("down");
  await new Edits(lab, ["--addons"]).up(({ entry }) => Object.assign(entry, { extraFrontends }));
});
afterAll(async () => {
  rmSync(dir, { recursive: true, force: true });
  if (!process.env["KEEP_LAB"]) await lab.must("down");
});

/** What `kubectl top nodes` says of each node, by its name; a node that nobody knows of is said to be `<unknown>`. */
async function topNodes(): Promise<Record<string, string>> {
  const lines = (await lab.kubectl("top", "nodes", "--no-headers")).trim().split("\n");
  return Object.fromEntries(lines.map((line) => line.split(/\s+(.*)/).slice(0, 2))) as Record<
    string,
    string
  >;
}

/** Names of pods of metrics-server by the node that each is on. */
async function pods(): Promise<Record<string, string>> {
  const named = "jsonpath={range .items[*]}{.spec.nodeName} {.metadata.name}{'\\n'}{end}";
  const lines = await lab.kubectl(
    ...["get", "pods", "-n", "kube-system", "-l", "k8s-app=metrics-server", "-o", named],
  );
  return Object.fromEntries(
    lines
      .trim()
      .split("\n")
      .map((line) => line.split(" ")),
  ) as Record<string, string>;
}

test("goes up, through the bastion", async () => {
  const before = performance.now();
  await lab.must("addons");
  console.log(`addons: up ${((performance.now() - before) / 1000).toFixed(0)} s`);
});

describe("metrics-server", () => {
  test("is two pods on two nodes", async () => {
    expect(Object.keys(await pods())).toHaveLength(2);
  });

  test("kubectl top nodes answers for every node", async () => {
    await waitFor({ what: "metrics of every node", deadlineSeconds: 120 }, async (seen) => {
      const top = await topNodes();
      seen(JSON.stringify(top));
      const known = Object.entries(top).filter(([, values]) => /^\d+m\s.*\d+Mi\s/.test(values));
      return known
        .map(([name]) => name)
        .sort()
        .join() === nodes.join()
        ? true
        : undefined;
    });
  });

  test("kubectl top pods answers for pods on every node", async () => {
    const top = await lab.kubectl("top", "pods", "-A", "--no-headers");
    for (const master of plan.masters) expect(top).toContain(`kube-apiserver-${master.name}`);
    // One each of kube-proxy and flannel a node.
    expect(top.match(/\bkube-proxy-/g)).toHaveLength(nodes.length);
  });

  test("a HorizontalPodAutoscaler knows how much its pods use", async () => {
    const labels = { app: "scaled" };
    await lab.apply(
      {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name: "scaled", namespace: "default" },
        spec: {
          selector: { matchLabels: labels },
          template: {
            metadata: { labels },
            spec: {
              containers: [
                {
                  ...{ name: "probe", image: probeImage, args: ["serve", ":8080"] },
                  resources: { requests: { cpu: "10m" } },
                },
              ],
            },
          },
        },
      },
      {
        apiVersion: "autoscaling/v2",
        kind: "HorizontalPodAutoscaler",
        metadata: { name: "scaled", namespace: "default" },
        spec: {
          scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "scaled" },
          maxReplicas: 2,
          metrics: [
            {
              type: "Resource",
              resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 80 } },
            },
          ],
        },
      },
    );
    await lab.rolledOut("deployment/scaled");
    await lab.kubectl(...["wait", "hpa/scaled", "--for=condition=ScalingActive", "--timeout=240s"]);
    await lab.kubectl("delete", "hpa/scaled", "deployment/scaled");
  });

  test("answers while the machine of one of its pods is dead, of all nodes but that", async () => {
    const [name = ""] = Object.keys(await pods());
    const { instanceId } = await placeOf({ cluster: lab }, { name });
    await lab.admin.instance(instanceId, "kill");
    const others = nodes.filter((node) => node !== name);
    // Until the node counts as lost, after 40 s, half of all requests are led to the dead pod.
    await waitFor({ what: "five answers in a row", deadlineSeconds: 180 }, async (seen) => {
      for (let asked = 0; asked < 5; asked++) {
        const top = await topNodes();
        seen(JSON.stringify(top));
        if (!others.every((node) => top[node] !== undefined)) return undefined;
      }
      return true;
    });
    await lab.admin.instance(instanceId, "start");
    await clusterReady(lab.operator, plan.hosts);
  });
});

describe("the ingress controller", () => {
  const name = "hello.example.com";
  const certificate = join(dir, "tls.crt");

  /** What somebody outside the VPC gets who asks at the entry's address for that name, through the bastion. */
  async function ask(scheme: "http" | "https", path = "/"): Promise<string> {
    await lab.operator.openWay();
    const { address } = lab.operator.outputs.entry;
    const { stdout } = await must(
      [
        ...["curl", "-sS", "--fail", "-m", "10", "--noproxy", "", "--cacert", certificate],
        ...["--socks5", `127.0.0.1:${defaultSocksPort}`],
        ...["--resolve", `${name}:80:${address}`, "--resolve", `${name}:443:${address}`],
        `${scheme}://${name}${path}`,
      ],
      { netns: lab.identity.operatorNetns },
    );
    return stdout;
  }

  beforeAll(async () => {
    const key = join(dir, "tls.key");
    await must([
      ...["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
      ...["-nodes", "-days", "2", "-subj", `/CN=${name}`, "-addext", `subjectAltName=DNS:${name}`],
      ...["-keyout", key, "-out", certificate],
    ]);
    const labels = { app: "hello" };
    const metadata = { name: "hello", namespace: "default" };
    const container = { name: "probe", image: probeImage, args: ["serve", ":8080"] };
    await lab.apply(
      {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata,
        spec: {
          replicas: 2,
          selector: { matchLabels: labels },
          template: { metadata: { labels }, spec: { containers: [container] } },
        },
      },
      {
        apiVersion: "v1",
        kind: "Service",
        metadata,
        spec: { selector: labels, ports: [{ port: 80, targetPort: 8080 }] },
      },
      {
        apiVersion: "v1",
        kind: "Secret",
        type: "kubernetes.io/tls",
        metadata,
        stringData: {
          "tls.crt": readFileSync(certificate, "utf8"),
          "tls.key": readFileSync(key, "utf8"),
        },
      },
      ingress("hello", ["/"]),
    );
    await lab.rolledOut("deployment/hello");
  });

  const ingress = (object: string, paths: string[]): object => ({
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: { name: object, namespace: "default" },
    spec: {
      ingressClassName: "traefik",
      tls: [{ hosts: [name], secretName: "hello" }],
      rules: [
        {
          host: name,
          http: {
            paths: paths.map((path) => ({
              ...{ path, pathType: "Prefix" },
              backend: { service: { name: "hello", port: { number: 80 } } },
            })),
          },
        },
      ],
    },
  });

  const answers = (scheme: "http" | "https", path?: string): Promise<true> =>
    waitFor({ what: `an answer by ${scheme}`, deadlineSeconds: 300 }, async (seen) => {
      const answer = await ask(scheme, path);
      seen(answer);
      return answer.startsWith("hello-") ? true : undefined;
    });

  test("answers from outside, through the entry, by HTTP and by HTTPS", async () => {
    await answers("https");
    await answers("http");
  });

  test("Ingresses have the entry's address", async () => {
    const address = await lab.kubectl(
      ...["get", "ingress/hello", "-o", "jsonpath={.status.loadBalancer.ingress[*].ip}"],
    );
    expect(address).toBe(lab.operator.outputs.entry.address);
  });

  test("knows of an Ingress that goes, and of one that comes", async () => {
    await lab.kubectl("delete", "ingress/hello");
    await waitFor({ what: "nobody behind that name", deadlineSeconds: 60 }, async (seen) => {
      // By HTTP: no certificate is left for that name, either.
      const failed = await ask("http").then(
        () => "an answer",
        (error: unknown) => String(error),
      );
      seen(failed);
      return failed.includes("404") ? true : undefined;
    });
    await lab.apply(ingress("again", ["/again"]));
    await answers("https", "/again");
    await lab.kubectl("delete", "ingress/again");
    await lab.apply(ingress("hello", ["/"]));
    await answers("https");
  });

  test("answers while a worker is dead", async () => {
    const [worker] = plan.workers;
    const { instanceId } = await placeOf({ cluster: lab }, { name: worker?.name ?? "" });
    await lab.admin.instance(instanceId, "kill");
    await waitFor({ what: "ten answers in a row", deadlineSeconds: 180 }, async (seen) => {
      for (let asked = 0; asked < 10; asked++) seen(await ask("https"));
      return true;
    });
    await lab.admin.instance(instanceId, "start");
    await clusterReady(lab.operator, plan.hosts);
  });
});

test("a second up changes nothing", async () => {
  expect(await lab.must("addons")).toMatch(/Resources:\s+\d+ unchanged/);
});

test("destroy takes all of it away, and nothing of the cluster", async () => {
  await lab.must("addons", "destroy");
  const of = (kind: string, ...where: string[]): Promise<string> =>
    lab.kubectl("get", kind, "-l", "k8s-app=metrics-server", "-o", "name", ...where);
  const left = await Promise.all([
    of("apiservice,clusterrole,clusterrolebinding"),
    of("all,pdb,serviceaccount,rolebinding", "-n", "kube-system"),
    lab.kubectl("get", "ingressclass", "-o", "name"),
  ]);
  expect(left.join("")).toBe("");
  const others = await lab.kubectl("get", "namespace,clusterrole,clusterrolebinding", "-o", "name");
  expect(others).not.toContain("traefik");
  await expect(lab.kubectl("top", "nodes")).rejects.toThrow("Metrics API not available");
  // With an API service that nobody answers for it would never be gone.
  await lab.kubectl("create", "namespace", "passing");
  await lab.kubectl("delete", "namespace", "passing", "--timeout=60s");
  await lab.must("status");
});
