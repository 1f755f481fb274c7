import { share } from "../../../components/plan/roles";
import type { Change } from "../change";
import { departureOf } from "../departures";
import type { Finding } from "../../rules/rule";
import type { ChangeRule } from "../rule";
import { type Touch, touchesOf } from "../touches";
import { lastOf, type Member } from "../world";

/** Two members that are both out of service for a while must not be so at the same time. */
export const inOrder: ChangeRule = {
  id: "change-in-order",
  description:
    "Members with one duty that one plan touches are touched one after another, each after the health gate of the one before.",
  why:
    "The engine does side by side whatever no dependency orders. Three etcd members may lose one, not two, and a member that is " +
    "back is not yet one that is healthy",
  source:
    'etcd, "Runtime reconfiguration"; kubeadm, "Upgrading kubeadm clusters": one node at a time',
  fix: "Make what touches the second member depend on the last step of the first one, or do it in two updates",
  judge: (change) => {
    const touches = touchesOf(change);
    const findings = new Map<string, Finding>();
    for (const group of groups(touches)) {
      const members = [...new Set(group.map(({ member }) => member))];
      members.forEach((second, index) => {
        const first = members
          .slice(0, index)
          .find((other) => !ordered(change, of(group, other), of(group, second)));
        if (first === undefined) return;
        // Hosts that share two duties are told of once.
        findings.set(second.urn, {
          urn: second.urn,
          message: message(change, of(group, first), of(group, second)),
        });
      });
    }
    return [...findings.values(), ...departuresAtOnce(change)];
  },
};

function groups(touches: readonly Touch[]): Touch[][] {
  const found = new Map<string, Touch[]>();
  for (const touch of touches) {
    const { cluster, duties } = touch.member;
    for (const duty of duties) {
      const key = `${cluster}/${duty}`;
      found.set(key, [...(found.get(key) ?? []), touch]);
    }
  }
  return [...found.values()];
}

const of = (touches: readonly Touch[], member: Member) =>
  touches.filter((touch) => touch.member === member);

function ordered(change: Change, one: Touch[], other: Touch[]): boolean {
  return follows(change, one, other) || follows(change, other, one);
}

/** Whether everything that touches `second` waits until `first` is healthy again. */
function follows(change: Change, second: Touch[], first: Touch[]): boolean {
  const gates = gatesOf(change, first);
  const { graph } = change.after;
  return (
    gates.length > 0 &&
    second.every(({ by }) => by.every((urn) => gates.every((gate) => graph.before(urn).has(gate))))
  );
}

/**
 * What tells that a member is healthy again: the last commands that this plan runs on it. One that is not run in this plan
 * tells nothing.
 */
function gatesOf(change: Change, touches: Touch[]): string[] {
  const { graph } = change.after;
  const { commands } = touches[0]?.member ?? { commands: [] };
  const run = commands.map(({ urn }) => urn).filter((urn) => change.act(urn) !== "same");
  return run.filter((urn) => !run.some((other) => graph.before(other).has(urn)));
}

function message(change: Change, first: Touch[], second: Touch[]): string {
  const [one, other] = [first[0], second[0]];
  if (one === undefined || other === undefined) return "";
  const both = `${one.member.name} (${one.what}) and ${other.member.name} (${other.what})`;
  const gates = gatesOf(change, first);
  const gate =
    gates.length === 0
      ? `no step of ${one.member.name} is run in this plan that would tell whether it is healthy again`
      : `nothing makes the second wait for ${gates.map(lastOf).join(" and ")}`;
  return `${both} may be out of service at the same time: ${gate}`;
}

/** Departures run when they are deleted, so the one that depends on the other runs first. */
function departuresAtOnce(change: Change): Finding[] {
  const { graph } = change.before;
  return change.leaving.flatMap((second, index, all) =>
    all
      .slice(0, index)
      .filter((first) => share(first.duties, second.duties) && first.cluster === second.cluster)
      .flatMap((first) => {
        const [one, other] = [departureOf(change, first), departureOf(change, second)];
        if (one === undefined || other === undefined) return [];
        if (one.takesTurns && other.takesTurns) return [];
        const waits = (later: typeof one, sooner: typeof one) =>
          sooner.acts.every((urn) => later.acts.every((gate) => graph.before(urn).has(gate)));
        if (waits(one, other) || waits(other, one)) return [];
        const message = `${first.name} and ${second.name} leave at the same time: neither departure depends on the other`;
        return [{ urn: second.urn, message }];
      }),
  );
}
