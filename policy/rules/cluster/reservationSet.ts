import { type Stack } from "../../facts/stack";
import { documentsOf, hasDocuments, type Step, stepsOf } from "../../facts/steps";
import { object, text } from "../../facts/values";
import { type Rule } from "../rule";

/** Reads the kubelet's configuration that the step of every node places. */
export const reservationSet: Rule = {
  id: "cluster-reservation-set",
  description: "Every kubelet reserves memory and processor time for itself and for the system.",
  level: "mandatory",
  why: "Pods that take all of a machine take the kubelet's share with it: the node is lost, its pods move, and the next node goes the same way.",
  source: 'kubernetes.io, "Reserve Compute Resources for System Daemons"',
  fix: "Set kubeReserved and systemReserved in the KubeletConfiguration",
  scope: "stack",
  judge: (stack) =>
    stepsOf(stack)
      .filter(({ step }) => step === "control-plane" || step === "worker")
      .flatMap((step) => {
        const { urn } = step.resource;
        if (step.files.some((file) => file.content === undefined && hasDocuments(file))) {
          const message = "a file of the step of the node is known only after the update";
          return [{ message, urn, undecided: true }];
        }
        const missing = missingReservations(stack, step);
        if (missing.length === 0) return [];
        return [
          { message: `the kubelet of ${step.host} reserves no ${missing.join(", no ")}`, urn },
        ];
      }),
};

function missingReservations(stack: Stack, step: Step): string[] {
  const configurations = documentsOf(stack, step, "KubeletConfiguration");
  return ["kubeReserved", "systemReserved"].flatMap((kind) =>
    ["cpu", "memory"]
      .filter((resource) =>
        configurations.every((configuration) => !text(object(configuration[kind])[resource])),
      )
      .map((resource) => `${resource} (${kind})`),
  );
}
