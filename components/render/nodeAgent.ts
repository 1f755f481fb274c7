/** What runs on every node and asks the API: its account, what that may read, and its pods. */
export interface NodeAgent {
  /** Of all its objects. */
  name: string;
  namespace: string;
  /** Rules of its ClusterRole. */
  rules: readonly object[];
  /** Of its pods, beyond what all agents have: containers, volumes and what they need. */
  pod: object;
}

const rbac = "rbac.authorization.k8s.io";

/** An account of an agent, and its rights in the whole cluster. */
export function agentRights({ name, namespace, rules }: NodeAgent): object[] {
  return [
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace } },
    { apiVersion: `${rbac}/v1`, kind: "ClusterRole", metadata: { name }, rules },
    {
      apiVersion: `${rbac}/v1`,
      kind: "ClusterRoleBinding",
      metadata: { name },
      roleRef: { apiGroup: rbac, kind: "ClusterRole", name },
      subjects: [{ kind: "ServiceAccount", name, namespace }],
    },
  ];
}

/** One pod of an agent on every node, in the node's own network, replaced a few at a time. */
export function agentPods({ name, namespace, pod }: NodeAgent): object {
  const labels = { app: name };
  return {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name, namespace, labels },
    spec: {
      selector: { matchLabels: labels },
      updateStrategy: { rollingUpdate: { maxUnavailable: "10%" } },
      template: {
        metadata: { labels },
        spec: {
          serviceAccountName: name,
          hostNetwork: true,
          priorityClassName: "system-node-critical",
          tolerations: [{ operator: "Exists" }],
          ...pod,
        },
      },
    },
  };
}
