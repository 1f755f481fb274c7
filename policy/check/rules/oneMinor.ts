import { upgradeFault } from "../../../components/plan/rules/upgrade";
import { object } from "../../facts/values";
import type { Change } from "../change";
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
      { kind: "etcdCluster", what: "etcd", release: "etcd" } as const,
      { kind: "controlPlane", what: "Kubernetes", release: "kubernetes" } as const,
    ].flatMap(({ kind, what, release }) =>
      change.after.of(kind).flatMap(({ urn, inputs }): Finding[] => {
        const told = change.before.states.get(urn);
        const before = broughtTo(change, told?.parent, release) ?? told?.inputs["version"];
        const after = inputs["version"];
        if (typeof before !== "string" || typeof after !== "string" || before === after) return [];
        const fault = upgradeFault(what, before, after);
        return fault === undefined ? [] : [{ urn, message: `${lastOf(urn)}: ${fault.message}` }];
      }),
    ),
};

/** The release that a cluster was last brought to. One it has only been told of may be taken back: its hosts say whether they have begun with it. */
function broughtTo(change: Change, cluster: string | null | undefined, release: string): unknown {
  const releases = change.before.of("releases").find(({ parent }) => parent === cluster);
  if (releases === undefined) return undefined;
  const found = change.before.graph
    .below(releases.urn)
    .find(({ urn }) => urn.endsWith(`-${release}`));
  return object(found?.inputs["environment"])["RELEASE"];
}
