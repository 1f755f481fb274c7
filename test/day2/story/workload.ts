import type { Edits } from "../../support/edits";
import { probeWorkload } from "../../support/workload";

/** Pods of a workload that says how many of them may be missing answer on every node. */
export function workloadServes(edits: Edits): void {
  test("pods reach one another by name and by NodePort", async () => {
    const { lab, plan } = edits;
    await lab.apply({
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata: { name: "hello", namespace: "default" },
      spec: { maxUnavailable: 1, selector: { matchLabels: { app: "hello" } } },
    });
    await probeWorkload(
      lab,
      [...plan.masters, ...plan.workers].map(({ name }) => name),
    );
  });
}
