import { etcdTopologies } from "../etcd";
import { entryKinds } from "../entry";
import { kubeletFlow, sshFlow } from "../flows";
import { type Flow } from "../model";
import { type Duty, ownDuty, type Role, roles } from "../roles";
import { type OpenRule, reaches } from "./exposure";

/** A flow that only some roles may have. */
export interface GuardedFlow {
  /** `etcd`, `kubelet`, `vrrp`, `ssh`. */
  name: string;
  /** What it is, in messages. */
  what: string;
  /** TCP port; absent for VRRP, which is a protocol of its own that groups know only as ALL. */
  port?: number;
  /** Who is reached. */
  to: readonly Role[];
  /** Who may reach it. */
  from: readonly Role[];
}

/** Flows inside a cluster that nobody else may have, whatever kinds it is made of: the guarded ones of the table. */
export const guardedFlows: readonly GuardedFlow[] = [
  ...new Set(Object.values(etcdTopologies).flatMap(({ flows }) => flows)),
  kubeletFlow,
  ...new Set(Object.values(entryKinds).flatMap(({ guarded }) => guarded)),
  sshFlow,
].flatMap(guarded);

function guarded({ name, port, from, to, guarded: guard }: Flow): GuardedFlow[] {
  if (guard === undefined) return [];
  return [
    {
      name,
      what: guard.what,
      ...(typeof port === "number" ? { port } : {}),
      to: rolesOf([...to, ...(guard.also ?? [])]),
      from: rolesOf(from.filter((source) => typeof source === "string")),
    },
  ];
}

/** Roles that have some duties by themselves. Of a foreign stack no more is known than the role. */
function rolesOf(duties: readonly Duty[]): Role[] {
  return duties.flatMap((duty) => roles.filter((role) => ownDuty[role] === duty));
}

/**
 * Guarded flows of a role that a rule lets in. ALL to a role that speaks VRRP is VRRP and no more: peers, who alone may speak
 * it, are trusted with the other ports, as there is no narrower way to let it in.
 */
export function flowsLetIn(to: Role, rule: OpenRule): GuardedFlow[] {
  const flows = guardedFlows.filter((flow) => flow.to.includes(to));
  const protocol = (rule.protocol ?? "ALL").toUpperCase();
  if (protocol === "ALL") {
    const vrrp = flows.filter(({ port }) => port === undefined);
    return vrrp.length > 0 ? vrrp : flows;
  }
  if (protocol !== "TCP") return [];
  return flows.filter(
    ({ port }) => port !== undefined && reaches(rule.ports ?? "ALL", { first: port, last: port }),
  );
}
