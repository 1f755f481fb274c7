import { upgradeFault } from "../../../components/plan/rules/upgrade";
import type { Finding } from "../../rules/rule";
import type { ChangeRule } from "../rule";
import { lastOf } from "../world";

/** Versions of what lives, before and after. */
export const oneMinor: ChangeRule = {
  id: "change-one-minor",
  description: "Kubernetes and etcd go up by one minor release at a time, and never down.",
  why:
    "kubeadm upgrades from one minor release to the next only; etcd takes a rolling upgrade from the minor release before only, " +
    "and goes down over its data never",
  source: 'Kubernetes, "Version Skew Policy"; etcd, "Upgrading etcd clusters"',
  fix: "Go through every minor release between, each in an update of its own",
  judge: (change) =>
    [
      { kind: "etcdCluster", what: "etcd" } as const,
      { kind: "controlPlane", what: "Kubernetes" } as const,
    ].flatMap(({ kind, what }) =>
      change.after.of(kind).flatMap(({ urn, inputs }): Finding[] => {
        const before = change.before.states.get(urn)?.inputs["version"];
        const after = inputs["version"];
        if (typeof before !== "string" || typeof after !== "string" || before === after) return [];
        const fault = upgradeFault(what, before, after);
        return fault === undefined ? [] : [{ urn, message: `${lastOf(urn)}: ${fault.message}` }];
      }),
    ),
};
