import { apiserverFlags, mastersOf } from "../../facts/masters";
import { type Stack } from "../../facts/stack";
import { documentsOf, type Step } from "../../facts/steps";
import { list, object, type Props } from "../../facts/values";
import { type Rule } from "../rule";

/** Reads what the step of every master tells kubeadm of the audit log, and the audit policy it places. */
export const auditOn: Rule = {
  id: "cluster-audit-on",
  description: "Every apiserver writes an audit log.",
  level: "mandatory",
  why: "Without it nobody can say afterwards who deleted what, or what a stolen certificate was used for.",
  source: 'kubernetes.io, "Auditing"; CIS Kubernetes Benchmark 1.2, audit log arguments',
  fix: "Set audit-log-path and audit-policy-file of the apiserver, and place a policy that logs something",
  scope: "stack",
  judge: (stack) =>
    mastersOf(stack).flatMap(({ step, configuration }) => {
      const { urn } = step.resource;
      if (configuration === undefined) {
        const message = "the step of the master places no ClusterConfiguration that can be read";
        return [{ message, urn, undecided: true }];
      }
      const missing = missingFlags(configuration);
      if (missing.length > 0) {
        return [{ message: `the apiserver has no ${missing.join(" and no ")}`, urn }];
      }
      return logsSomething(stack, step)
        ? []
        : [{ message: "the audit policy of the apiserver logs nothing", urn }];
    }),
};

function missingFlags(configuration: Props): string[] {
  const flags = apiserverFlags(configuration);
  return ["audit-log-path", "audit-policy-file"].filter((flag) => !flags.get(flag));
}

function logsSomething(stack: Stack, step: Step): boolean {
  return documentsOf(stack, step, "Policy")
    .flatMap(({ rules }) => list(rules).map(object))
    .some(({ level }) => level !== "None");
}
