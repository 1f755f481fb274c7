import { isDeepStrictEqual } from "node:util";
import { isSpreadRole } from "../../components/plan/roles";
import { stepTrigger } from "../facts/steps";
import type { Props } from "../facts/values";
import type { Change } from "./change";
import type { State } from "./preview";
import { lastOf, type Member } from "./world";

/** A member that a plan takes out of service, or may, for as long as its steps take. */
export interface Touch {
  member: Member;
  kind: "replaced" | "stopped" | "rekeyed" | "run" | "joined";
  /** What is done to it, for people: `its instance is replaced`. */
  what: string;
  /** Resources that do it. */
  by: string[];
}

/** Properties of an instance that change while it runs on. With any other it is stopped, reset or made anew. */
const changedRunning: readonly string[] = [
  "camRoleName",
  "disableApiTermination",
  "disableMonitorService",
  "disableSecurityService",
  "forceDelete",
  "instanceChargeTypePrepaidRenewFlag",
  "instanceName",
  "internetMaxBandwidthOut",
  "orderlySecurityGroups",
  "projectId",
  "securityGroups",
  "tags",
];

/**
 * Steps of components/scripts. Run again, they leave what serves alone, or wait for their turn on the hosts before they touch
 * it, for another release too (control-plane.sh, etcd.sh: take_turn; a new member of etcd joins as the one learner it allows). None of
 * them gives a member another identity.
 */
const ownSteps: readonly unknown[] = [
  "prepare-host",
  "etcd",
  "etcd-upkeep",
  "control-plane",
  "balancer",
  "local-endpoint",
  "haproxy",
  "director",
  "registry",
];

/** Everything a plan does to the etcd members, masters, balancers, directors and hosts of a registry that are there, and to etcd by those that join it. */
export function touchesOf(change: Change): Touch[] {
  const staying = change.staying
    .filter(({ role }) => isSpreadRole(role))
    .flatMap((member) => touchesOfStaying(change, member));
  const joining = change.joining
    .filter(
      ({ duties, cluster }) =>
        duties.includes("etcd") && change.before.membersOf(cluster, "etcd").length > 0,
    )
    .flatMap((member) => touchesOfJoining(change, member));
  return [...staying, ...joining];
}

function touchesOfStaying(change: Change, before: Member): Touch[] {
  const member = change.next(before) ?? before;
  if (change.act(member.urn) === "replace") {
    return [{ member, kind: "replaced", what: "its instance is replaced", by: [member.urn] }];
  }
  const touches: Touch[] = [];
  const stopping = change.changed(member.urn).filter((name) => !changedRunning.includes(name));
  if (stopping.length > 0) {
    const what = `its instance is stopped or reset, as ${stopping.join(", ")} changes`;
    touches.push({ member, kind: "stopped", what, by: [member.urn] });
  }
  for (const command of member.commands) {
    if (change.act(command.urn) === "same") continue;
    const touch = touchOfCommand(change, command);
    if (touch !== undefined) touches.push({ ...touch, member, by: [command.urn] });
  }
  return touches;
}

function touchesOfJoining(change: Change, member: Member): Touch[] {
  const foreign = member.commands.filter(({ urn }) => stepOf(change, urn) === undefined);
  const ours = member.commands.some(({ urn }) => stepOf(change, urn) !== undefined);
  if (ours && foreign.length === 0) return [];
  // Without any command it joins by itself, from its first start on.
  const by = foreign.length > 0 ? foreign.map(({ urn }) => urn) : [member.urn];
  return [{ member, kind: "joined", what: "it joins the members that are there", by }];
}

function touchOfCommand(change: Change, command: State): Pick<Touch, "kind" | "what"> | undefined {
  const step = stepOf(change, command.urn);
  if (step === undefined) {
    return { kind: "run", what: `${lastOf(command.urn)} is run on it, and may stop it` };
  }
  if (step.before !== undefined && change.changed(command.urn).includes("stdin")) {
    if (isDeepStrictEqual(step.before, step.after))
      return { kind: "rekeyed", what: "its keys or certificates are made anew" };
  }
  return undefined;
}

/** What a command that is one of our steps registers for review, before and after. */
function stepOf(change: Change, command: string): { before?: Props; after: Props } | undefined {
  const after = stepTrigger(change.after.states.get(command)?.inputs ?? {});
  if (after === undefined || !ownSteps.includes(after["step"])) return undefined;
  const before = stepTrigger(change.before.states.get(command)?.inputs ?? {});
  return { ...(before === undefined ? {} : { before }), after };
}
