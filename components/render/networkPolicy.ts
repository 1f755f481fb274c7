import { type NetworkPolicyPlan } from "../plan/podNetwork";
import { policyQueue } from "../plan/podNetwork/networkPolicy";
import { agentPods, agentRights, type NodeAgent } from "./nodeAgent";
import { toYaml } from "./yaml";

const name = "kube-network-policies";

/** Its table of nftables, which forget-network-policies.sh takes away by this name, too. */
const table = name;
const metricsPort = 9080;

/** kube-network-policies as manifests: its rights, and one pod on every node. */
export function renderNetworkPolicy(plan: NetworkPolicyPlan): string {
  // While its agent is away a node lets no new connection of the selected pods pass, so a few at a time.
  const enforcing: NodeAgent = {
    ...{ name, namespace: "kube-system" },
    rules: [
      { apiGroups: [""], resources: ["pods", "namespaces"], verbs: ["list", "watch"] },
      {
        apiGroups: ["networking.k8s.io"],
        resources: ["networkpolicies"],
        verbs: ["list", "watch"],
      },
    ],
    pod: {
      // Neither program is made to be process 1, which ends only when it wants to: a pod that is replaced would take its whole grace period.
      shareProcessNamespace: true,
      containers: [agent(plan), rules(plan)],
      volumes: [
        { name: "nri", hostPath: { path: "/var/run/nri", type: "DirectoryOrCreate" } },
        { name: "netns", hostPath: { path: "/var/run/netns", type: "DirectoryOrCreate" } },
      ],
    },
  };
  return toYaml(...agentRights(enforcing), agentPods(enforcing));
}

/** What decides. It logs what it cannot do, and runs on: whether it enforces anything is seen by {@link rules} alone. */
function agent({ image }: NetworkPolicyPlan): object {
  return {
    name,
    image,
    command: ["/bin/netpol"],
    args: [
      "--hostname-override=$(NODE_NAME)",
      `--nfqueue-id=${policyQueue}`,
      // Later releases have it otherwise by default: a node whose agent is away would enforce nothing.
      "--fail-open=false",
      `--metrics-bind-address=127.0.0.1:${metricsPort}`,
    ],
    env: [{ name: "NODE_NAME", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } }],
    resources: { requests: { cpu: "50m", memory: "50Mi" } },
    // It programs the node's network, and learns addresses of pods in their network namespaces.
    securityContext: { privileged: true },
    // It is slow on a node that has much else to do; and while it starts anew, nothing new passes.
    livenessProbe: {
      httpGet: { host: "127.0.0.1", path: "/metrics", port: metricsPort },
      periodSeconds: 20,
      timeoutSeconds: 10,
      failureThreshold: 6,
    },
    volumeMounts: [
      { name: "nri", mountPath: "/var/run/nri" },
      { name: "netns", mountPath: "/var/run/netns", mountPropagation: "HostToContainer" },
    ],
  };
}

/**
 * What tells whether the node has the agent's rules: they are written all at once, so with one of its sets they are all there. The agent's image has
 * nothing to ask the kernel with. `nft monitor` runs on, and logs whenever the agent writes its table anew.
 */
function rules({ nftImage }: NetworkPolicyPlan): object {
  return {
    name: "rules",
    image: nftImage,
    command: ["nft", "monitor", "destroy", "tables"],
    resources: { requests: { cpu: "10m", memory: "20Mi" } },
    securityContext: { capabilities: { add: ["NET_ADMIN"] } },
    readinessProbe: {
      exec: { command: ["nft", "list", "set", "inet", table, "podips-v4"] },
      // Each is a process in the container, so not as often as a request.
      periodSeconds: 20,
      timeoutSeconds: 10,
      failureThreshold: 2,
    },
  };
}
