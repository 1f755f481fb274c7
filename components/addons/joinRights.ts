import { toYaml } from "../render/yaml";

/** Group of nodes that have yet to join; kubeadm's own default, as its other rights name it too. */
export const joiningGroup = "system:bootstrappers:kubeadm:default-node-token";

const rbac = "rbac.authorization.k8s.io";

/**
 * Rights of nodes that join, as `kubeadm init phase bootstrap-token` would make them, under the same names, but without a
 * token: whoever joins shows a client certificate of {@link joiningGroup} and of its node's name. It may ask for a node's certificate, which is
 * approved at once for its own name and for no other, and look whether a node of its name is there.
 */
export function renderJoinRights(): string {
  return toYaml(
    {
      apiVersion: `${rbac}/v1`,
      kind: "ClusterRole",
      metadata: { name: "kubeadm:get-nodes" },
      rules: [{ apiGroups: [""], resources: ["nodes"], verbs: ["get"] }],
    },
    binding("kubeadm:get-nodes", "kubeadm:get-nodes", "Group", joiningGroup),
    binding("kubeadm:kubelet-bootstrap", "system:node-bootstrapper", "Group", joiningGroup),
    binding(
      "kubernetes-ha:node-autoapprove-bootstrap",
      "system:certificates.k8s.io:certificatesigningrequests:selfnodeclient",
      "Group",
      joiningGroup,
    ),
    // Clusters of former versions have it, for certificates of any name. Its role cannot be changed: it is for nobody.
    {
      apiVersion: `${rbac}/v1`,
      kind: "ClusterRoleBinding",
      metadata: { name: "kubeadm:node-autoapprove-bootstrap" },
      roleRef: {
        apiGroup: rbac,
        kind: "ClusterRole",
        name: "system:certificates.k8s.io:certificatesigningrequests:nodeclient",
      },
      subjects: [],
    },
    binding(
      "kubeadm:node-autoapprove-certificate-rotation",
      "system:certificates.k8s.io:certificatesigningrequests:selfnodeclient",
      "Group",
      "system:nodes",
    ),
    // By what they find there workers go to another release one after another (upgrade-turn.py). A node reads no other one by itself.
    {
      apiVersion: `${rbac}/v1`,
      kind: "ClusterRole",
      metadata: { name: "kubernetes-ha:node-turns" },
      rules: [{ apiGroups: [""], resources: ["nodes"], verbs: ["list"] }],
    },
    binding("kubernetes-ha:node-turns", "kubernetes-ha:node-turns", "Group", "system:nodes"),
    binding(
      "kubeadm:apiserver-kubelet-client",
      "system:kubelet-api-admin",
      "User",
      "kube-apiserver-kubelet-client",
    ),
  );
}

function binding(name: string, role: string, kind: "Group" | "User", subject: string): object {
  return {
    apiVersion: `${rbac}/v1`,
    kind: "ClusterRoleBinding",
    metadata: { name },
    roleRef: { apiGroup: rbac, kind: "ClusterRole", name: role },
    subjects: [{ kind, apiGroup: rbac, name: subject }],
  };
}
