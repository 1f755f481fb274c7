import { renderNetworkPolicy } from "../../../components/render";
import { planOf } from "../plan/fixture";
import { documentsOf } from "./documents";

const { networkPolicy } = planOf(
  (config) => (config.podNetwork = { networkPolicy: "kube-network-policies" }),
).podNetwork;
if (networkPolicy === undefined) throw new Error("the plan has network policies");
const documents = documentsOf(renderNetworkPolicy(networkPolicy));

test("the agent may look at pods, namespaces and policies, and change nothing", () => {
  expect(Object.keys(documents)).toEqual([
    "ServiceAccount",
    "ClusterRole",
    "ClusterRoleBinding",
    "DaemonSet",
  ]);
  const { rules } = documents["ClusterRole"] as { rules: { verbs: string[] }[] };
  for (const { verbs } of rules) expect(verbs).toEqual(["list", "watch"]);
});

interface Container {
  name: string;
  args?: string[];
  readinessProbe?: { exec: { command: string[] } };
  securityContext: object;
}
const { spec } = documents["DaemonSet"] as {
  spec: { template: { spec: { containers: Container[]; volumes: { name: string }[] } } };
};
const { containers } = spec.template.spec;
const [agent, rules] = containers as [Container, Container];

test("one is on every node, in its network, before other pods", () => {
  expect(spec.template.spec).toMatchObject({
    hostNetwork: true,
    priorityClassName: "system-node-critical",
    tolerations: [{ operator: "Exists" }],
  });
});

test("no packet passes while it is away, and nobody outside of the node reads its metrics", () => {
  expect(agent.args).toEqual([
    "--hostname-override=$(NODE_NAME)",
    "--nfqueue-id=98",
    "--fail-open=false",
    "--metrics-bind-address=127.0.0.1:9080",
  ]);
});

test("its pod is ready only where the kernel has its rules: the agent itself runs on without them", () => {
  expect(agent.readinessProbe).toBeUndefined();
  expect(rules.readinessProbe?.exec.command).toEqual([
    ...["nft", "list", "set", "inet", "kube-network-policies", "podips-v4"],
  ]);
  expect(rules.securityContext).toEqual({ capabilities: { add: ["NET_ADMIN"] } });
});
