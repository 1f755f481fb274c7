import type { ClusterPlan } from "../plan/cluster";
import { paths } from "./paths";
import { toYaml } from "./yaml";

/** Kubeconfig that kubeadm joins a worker with. Names files instead of holding them, so it is no secret; kubeadm reads them in. */
export function renderDiscovery(plan: ClusterPlan): string {
  const user = "bootstrap";
  const context = `${user}@${plan.name}`;
  return toYaml({
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      {
        name: plan.name,
        cluster: {
          server: `https://${plan.entry.endpoint}`,
          "certificate-authority": paths.ca,
        },
      },
    ],
    users: [
      {
        name: user,
        user: {
          "client-certificate": paths.bootstrapClient,
          "client-key": paths.bootstrapClient,
        },
      },
    ],
    contexts: [{ name: context, context: { cluster: plan.name, user } }],
    "current-context": context,
  });
}
