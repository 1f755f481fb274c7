import { type Duty } from "../../../components/plan/roles";
import { quorum } from "../../../components/plan/topology/quorum";
import type { Change } from "../change";
import { isSucceeded } from "../entries";
import type { Finding } from "../../rules/rule";
import type { ChangeRule } from "../rule";
import type { Member } from "../world";

/** What is left while a plan is carried out must be able to go on. */
export const quorumKept: ChangeRule = {
  id: "change-quorum-kept",
  description:
    "The members that a plan neither replaces nor removes are a quorum of etcd as it was and as it is to be; one master stays, one balancer and one director unless an entry of another kind takes their place, and one host of a registry that stays.",
  why:
    "Until a removed member is out of the member list the old quorum counts, and from then on the new one. Without a quorum nothing " +
    "is written, and no member can be added or removed either",
  source: 'etcd FAQ, "What is failure tolerance?"',
  fix: "Replace or remove fewer at once: 7 to 5, and 5 to 3 in the next update. To take a cluster down use `pulumi destroy --ignore-protect`",
  judge: (change) =>
    change.clusters.flatMap((cluster) => [
      ...etcdFindings(change, cluster),
      ...lastOf(change, cluster, "controlPlane", "master"),
      ...lastOf(change, cluster, "balancer", "balancer"),
      ...lastOf(change, cluster, "director", "director"),
      // A registry may go as a whole: its images stay in the storage, and nodes go on without.
      ...(change.after.membersOf(cluster, "registry").length === 0
        ? []
        : lastOf(change, cluster, "registry", "host of the registry")),
    ]),
};

function etcdFindings(change: Change, cluster: string): Finding[] {
  const before = change.before.membersOf(cluster, "etcd");
  const after = change.after.membersOf(cluster, "etcd");
  const kept = before.filter((member) => isKept(change, member, "etcd"));
  if (kept.length === before.length) return [];
  const needed = Math.max(quorum(before.length), quorum(after.length));
  if (kept.length >= needed) return [];
  return [
    {
      urn: before.find((member) => !kept.includes(member))?.urn,
      message:
        `of ${before.length} etcd members of cluster ${cluster} ${kept.length} stay, of ${after.length} there are to be; ` +
        `a quorum takes ${needed}`,
    },
  ];
}

function lastOf(change: Change, cluster: string, duty: Duty, noun: string): Finding[] {
  const before = change.before.membersOf(cluster, duty);
  if (before.length === 0 || before.some((member) => isKept(change, member, duty))) return [];
  if (duty !== "controlPlane" && before.every((member) => isNeededNoMore(change, member)))
    return [];
  const message = `no ${noun} of cluster ${cluster} stays: ${before.map(({ name }) => name).join(", ")} are all replaced or removed`;
  return [{ urn: before[0]?.urn, message }];
}

/** Whether a member goes with its entry, once another one has taken that one's place. */
function isNeededNoMore(change: Change, { urn }: Member): boolean {
  const state = change.before.states.get(urn);
  return change.act(urn) === "delete" && state !== undefined && isSucceeded(change, state);
}

/** Whether a member goes on with a duty all the while. */
function isKept(change: Change, member: Member, duty: Duty): boolean {
  const next = change.next(member);
  return next?.duties.includes(duty) === true && change.act(member.urn) !== "replace";
}
