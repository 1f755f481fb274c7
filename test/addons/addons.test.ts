import { placeOf } from "../../drills/site";
import { probeImage } from "../../lab/probeImage";
import { clusterReady } from "../../lab/up";
import { waitFor } from "../../lab/wait";
import { TestLab } from "../support/lab";
import { labPlan } from "../support/labPlan";

// examples/addons goes up on a cluster of real hosts, does its work, and goes. One story: each chapter needs the one before it.
jest.setTimeout(60 * 60_000);

const lab = new TestLab("addons");
const plan = labPlan({});
const nodes = [...plan.masters, ...plan.workers].map(({ name }) => name).sort();

beforeAll(async () => {
  await lab.must("down");
  await lab.must("up", "--addons");
});
afterAll(async () => {
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
    await lab.kubectl("wait", "hpa/scaled", "--for=condition=ScalingActive", "--timeout=240s");
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
  ]);
  expect(left.join("")).toBe("");
  await expect(lab.kubectl("top", "nodes")).rejects.toThrow("Metrics API not available");
  // With an API service that nobody answers for it would never be gone.
  await lab.kubectl("create", "namespace", "passing");
  await lab.kubectl("delete", "namespace", "passing", "--timeout=60s");
  await lab.must("status");
});
