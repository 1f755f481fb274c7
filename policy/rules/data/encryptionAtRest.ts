import { apiserverFlags, mastersOf } from "../../facts/masters";
import { type Rule } from "../rule";

/** Reads what the step of every master tells kubeadm of encryption, and whether it places the keys, as a secret. */
export const encryptionAtRest: Rule = {
  id: "data-encryption-at-rest",
  description: "Every apiserver encrypts Secrets before it writes them to etcd.",
  level: "mandatory",
  why: "Disks, their snapshots and backups of etcd hold every Secret in plain text otherwise.",
  source: 'kubernetes.io, "Encrypting Confidential Data at Rest"',
  fix: "Set encryption-provider-config of the apiserver, and place that file as a secret one",
  scope: "stack",
  judge: (stack) =>
    mastersOf(stack).flatMap(({ step, configuration }) => {
      const { urn } = step.resource;
      if (configuration === undefined) {
        const message = "the step of the master places no ClusterConfiguration that can be read";
        return [{ message, urn, undecided: true }];
      }
      const path = apiserverFlags(configuration).get("encryption-provider-config");
      if (path === undefined || path === "") {
        return [{ message: "the apiserver has no encryption-provider-config", urn }];
      }
      const file = step.files.find((candidate) => candidate.path === path);
      if (file === undefined)
        return [{ message: `the step of the master does not place ${path}`, urn }];
      return file.secret ? [] : [{ message: `${path}, which holds keys, is no secret file`, urn }];
    }),
};
