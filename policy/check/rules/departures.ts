import { type Duty, share } from "../../../components/plan/roles";
import { departureOf } from "../departures";
import type { ChangeRule } from "../rule";

/** Duties whose end others have to be told of. */
const announced: readonly Duty[] = ["etcd", "controlPlane"];

/** A member that leaves without a word stays in the member list and counts for the quorum. */
export const departures: ChangeRule = {
  id: "change-departures",
  description: "Every etcd member and master that leaves has a departure that takes it out first.",
  why:
    "etcd counts members, not machines: one that is gone but listed still raises the quorum. A master that is gone stays a node, " +
    "and its pods stay where nobody runs them",
  source: 'etcd, "Runtime reconfiguration" (Remove a member); Kubernetes, "Safely Drain a Node"',
  fix:
    "First make, in an update of its own, a component kubernetes-ha:remote:Departure with input `member` and a command that acts " +
    "on delete and depends on the instance; then remove both",
  judge: (change) =>
    change.leaving
      .filter(({ duties }) => share(duties, announced))
      .filter((member) => departureOf(change, member) === undefined)
      .map(({ urn, name, role, cluster }) => ({
        urn,
        message:
          change.act(urn) === "delete"
            ? `${role === "etcd" ? "etcd member" : "master"} ${name} is deleted without a departure`
            : `${name} is there afterwards, but is no ${role} of cluster ${cluster} any more, without a departure`,
      })),
};
