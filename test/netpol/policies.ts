import { probeImage } from "../../lab/mirror/layout";
import type { TestLab } from "../support/lab";

/** A pod of a DaemonSet. */
export interface Pod {
  name: string;
  node: string;
  address: string;
}

const port = 8080;

/** A namespace with a pod of each name on every node, masters included: each serves, and each can ask others. */
export function namespaceOf(namespace: string, ...names: string[]): object[] {
  return [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
    ...names.map((name) => ({
      apiVersion: "apps/v1",
      kind: "DaemonSet",
      metadata: { name, namespace },
      spec: {
        selector: { matchLabels: { app: name } },
        template: {
          metadata: { labels: { app: name } },
          spec: {
            tolerations: [{ operator: "Exists" }],
            terminationGracePeriodSeconds: 1,
            containers: [{ name: "probe", image: probeImage, args: ["serve", `:${port}`] }],
          },
        },
      },
    })),
  ];
}

/** A NetworkPolicy. */
export function policy(namespace: string, name: string, spec: object): object {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name, namespace },
    spec,
  };
}

/** Pods of a DaemonSet, by their nodes' names. */
export async function podsOf(lab: TestLab, namespace: string, name: string): Promise<Pod[]> {
  await lab.rolledOut(`daemonset/${name}`, { namespace });
  const text = await lab.kubectl("get", "pods", "-n", namespace, "-l", `app=${name}`, "-o", "json");
  const { items } = JSON.parse(text) as {
    items: {
      metadata: { name: string };
      spec: { nodeName: string };
      status: { podIP: string };
    }[];
  };
  return items
    .map(({ metadata, spec, status }) => ({
      name: metadata.name,
      node: spec.nodeName,
      address: status.podIP,
    }))
    .sort((a, b) => (a.node < b.node ? -1 : 1));
}

/** Whether a server answers a pod, whatever it says: a packet that a policy drops is answered by nobody. */
export async function answers(
  lab: TestLab,
  namespace: string,
  pod: Pod,
  url: string,
): Promise<boolean> {
  const request = ["exec", "-n", namespace, pod.name, "--", "probe", "get", "--timeout", "2s", url];
  const { code, stderr } = await lab.operator.kubectl(request, { timeoutSeconds: 60 });
  if (code === 0 || /: \d{3} /.test(stderr)) return true;
  if (/context deadline exceeded|i\/o timeout/.test(stderr)) return false;
  throw new Error(`${pod.name} on ${pod.node} asks ${url}: ${stderr}`);
}

/**
 * Which of the pods of one DaemonSet reach those of another, from every node to a pod of the same node and to one of the next: `a -> b` by the nodes' names.
 */
export async function reached(
  lab: TestLab,
  from: readonly [namespace: string, pods: readonly Pod[]],
  to: readonly Pod[],
): Promise<string[]> {
  const [namespace, pods] = from;
  const asked = pods.flatMap((pod, index) =>
    [to[index], to[(index + 1) % to.length]].flatMap((server) => (server ? [{ pod, server }] : [])),
  );
  const found: string[] = [];
  // A few at a time: each is a way through the bastion.
  for (let first = 0; first < asked.length; first += 5)
    await Promise.all(
      asked.slice(first, first + 5).map(async ({ pod, server }) => {
        if (await answers(lab, namespace, pod, `http://${server.address}:${port}/`))
          found.push(`${pod.node} -> ${server.node}`);
      }),
    );
  return found.sort();
}

/** All that {@link reached} tries. */
export function everywhere(pods: readonly Pod[]): string[] {
  const nodes = pods.map(({ node }) => node);
  return nodes
    .flatMap((node, index) => [
      `${node} -> ${node}`,
      `${node} -> ${nodes[(index + 1) % nodes.length] ?? ""}`,
    ])
    .sort();
}
