import { toYaml } from "./yaml";

/**
 * What the apiservers log of each request: who did what to what. No bodies, which may hold secrets, but for changes of
 * rights; and nothing of the reads and renewals that the cluster itself does all the time.
 */
export function renderAuditPolicy(): string {
  return toYaml({
    apiVersion: "audit.k8s.io/v1",
    kind: "Policy",
    // One record a request, when it is answered.
    omitStages: ["RequestReceived"],
    rules: [
      {
        level: "None",
        nonResourceURLs: ["/healthz*", "/livez*", "/readyz*", "/version", "/openapi*"],
      },
      {
        level: "None",
        resources: [
          { group: "", resources: ["events"] },
          { group: "events.k8s.io", resources: ["events"] },
        ],
      },
      // Before the reads that are left out: a stolen node or controller is seen by the Secrets it reads.
      { level: "Metadata", resources: [{ group: "", resources: ["secrets"] }] },
      {
        level: "None",
        verbs: ["get", "list", "watch"],
        userGroups: ["system:nodes", "system:serviceaccounts:kube-system"],
      },
      // Leases are renewed every few seconds by every component.
      {
        level: "None",
        users: ["system:kube-controller-manager", "system:kube-scheduler", "system:apiserver"],
        resources: [{ group: "coordination.k8s.io", resources: ["leases"] }],
      },
      {
        level: "None",
        userGroups: ["system:nodes"],
        resources: [{ group: "coordination.k8s.io", resources: ["leases"] }],
      },
      // Who gave whom which rights, with the rights.
      {
        level: "Request",
        verbs: ["create", "update", "patch", "delete", "deletecollection"],
        resources: [{ group: "rbac.authorization.k8s.io" }],
      },
      { level: "Metadata" },
    ],
  });
}
