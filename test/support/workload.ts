import type { TestLab } from "./lab";
import { probeImage } from "../../lab/probeImage";
import { waitFor } from "../../lab/wait";

/**
 * A Deployment of two replicas behind a Service answers by name from a pod on every given node, and on every node's NodePort.
 *
 * @throws Error with what was asked and answered.
 */
export async function probeWorkload(lab: TestLab, nodes: readonly string[]): Promise<void> {
  const container = { name: "probe", image: probeImage, args: ["serve", ":8080"] };
  const labels = { app: "hello" };
  await lab.apply(
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "hello", namespace: "default" },
      spec: {
        replicas: 2,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [container] } },
      },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "hello", namespace: "default" },
      spec: {
        type: "NodePort",
        selector: labels,
        ports: [{ port: 80, targetPort: 8080, nodePort: 30080 }],
      },
    },
    {
      apiVersion: "apps/v1",
      kind: "DaemonSet",
      metadata: { name: "asker", namespace: "default" },
      spec: {
        selector: { matchLabels: { app: "asker" } },
        template: {
          metadata: { labels: { app: "asker" } },
          spec: { tolerations: [{ operator: "Exists" }], containers: [container] },
        },
      },
    },
  );
  await lab.rolledOut("deployment/hello");
  await lab.rolledOut("daemonset/asker");
  const pods = JSON.parse(await lab.kubectl("get", "pods", "-l", "app=asker", "-o", "json")) as {
    items: { metadata: { name: string }; spec: { nodeName: string }; status: { hostIP: string } }[];
  };
  const asked = pods.items.map(({ spec }) => spec.nodeName).sort();
  if (asked.join() !== [...nodes].sort().join())
    throw new Error(`a pod asks on ${asked.join()}, not on ${nodes.join()}`);
  for (const { metadata, status } of pods.items)
    for (const url of [
      "http://hello.default.svc.cluster.local/",
      "http://hello/",
      `http://${status.hostIP}:30080/`,
    ])
      await waitFor(
        { what: `${url} to answer ${metadata.name}`, deadlineSeconds: 180 },
        async () => {
          const answer = await lab.kubectl("exec", metadata.name, "--", "probe", "get", url);
          return answer.includes("hello-") ? true : undefined;
        },
      );
}
