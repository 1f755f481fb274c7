import { probeImage } from "../../lab/probeImage";
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

/**
 * Which of these addresses (`10.244.1.2:8080`) answer a pod, whatever they say: a packet that a policy drops is answered by nobody. Asked in the pod's network
 * by its host, past the API and the kubelet, which have other things to do on a small machine.
 */
export async function answering(
  lab: TestLab,
  { name, node }: Pod,
  addresses: readonly string[],
): Promise<string[]> {
  const label = (key: string, value: string) => `labels."io.kubernetes.${key}"==${value}`;
  const container = [label("pod.name", name), label("container.name", "probe")].join();
  const said = await lab.onHost(
    node,
    `set -euo pipefail
    id=$(ctr --namespace k8s.io containers list --quiet '${container}')
    pid=$(ctr --namespace k8s.io tasks list | awk -v id="$id" '$1 == id {print $2}')
    for address in ${addresses.join(" ")}; do
      status=0
      nsenter --net --target "$pid" curl --silent --output /dev/null --max-time 3 "http://$address/" || status=$?
      echo "$address $status"
    done`,
  );
  return said
    .trim()
    .split("\n")
    .flatMap((line) => {
      const [address = "", status] = line.split(" ");
      // curl: nobody answered in time.
      if (status === "28") return [];
      if (status === "0") return [address];
      throw new Error(`${name} on ${node} asks ${address}: curl ended with ${status ?? "nothing"}`);
    });
}

/**
 * Which of the pods of one DaemonSet reach those of another, from every node to a pod of the same node and to one of the next: `a -> b` by the nodes' names.
 */
export async function reached(
  lab: TestLab,
  from: readonly Pod[],
  to: readonly Pod[],
): Promise<string[]> {
  const found = await Promise.all(
    from.map(async (pod, index) => {
      const servers = [to[index], to[(index + 1) % to.length]].flatMap((each) => each ?? []);
      const asked = new Map(servers.map((each) => [`${each.address}:${port}`, each.node]));
      const answered = await answering(lab, pod, [...asked.keys()]);
      return answered.map((address) => `${pod.node} -> ${asked.get(address) ?? ""}`);
    }),
  );
  return found.flat().sort();
}

/** All that {@link reached} tries. */
export function everywhere(pods: readonly Pod[]): string[] {
  const nodes = pods.map(({ node }) => node);
  const pairs = nodes.flatMap((node, index) => [
    `${node} -> ${node}`,
    `${node} -> ${nodes[(index + 1) % nodes.length] ?? ""}`,
  ]);
  return [...new Set(pairs)].sort();
}
