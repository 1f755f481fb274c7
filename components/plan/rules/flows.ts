import { etcdTopologies } from "../etcd";
import { entryKinds } from "../entry";
import { kubeletFlow, sshFlow } from "../flows";
import { type Flow } from "../model";
import { registryFlows } from "../registry";
import { type Duty, ownDuty, type Role, roles } from "../roles";
import { type OpenRule, reaches } from "./exposure";

/** A flow that only some roles may have. */
export interface GuardedFlow {
  /** `etcd`, `kubelet`, `vrrp`, `registry`, `ssh`. */
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

const flows: readonly Flow[] = [
  ...new Set(Object.values(etcdTopologies).flatMap((topology) => topology.flows)),
  kubeletFlow,
  ...registryFlows,
  ...new Set(Object.values(entryKinds).flatMap((kind) => kind.guarded)),
  sshFlow,
];

/**
 * Flows inside a cluster that nobody else may have, whatever kinds it is made of: the guarded ones of the table.
 * @param dutiesOf what the hosts of a role do
 */
export function guardedFlows(dutiesOf: (role: Role) => readonly Duty[] = own): GuardedFlow[] {
  const rolesWith = (wanted: readonly Duty[]) => {
    const having = wanted.flatMap((duty) => roles.filter((role) => dutiesOf(role).includes(duty)));
    return [...new Set(having)];
  };
  return flows.flatMap(({ name, port, from, to, guarded }) =>
    guarded === undefined
      ? []
      : [
          {
            name,
            what: guarded.what,
            ...(typeof port === "number" ? { port } : {}),
            to: rolesWith([...to, ...(guarded.also ?? [])]),
            from: rolesWith(from.filter((source) => typeof source === "string")),
          },
        ],
  );
}

function own(role: Role): readonly Duty[] {
  return [ownDuty[role]];
}

/**
 * Guarded flows of a role that a rule lets in. ALL to a role that speaks VRRP is VRRP and no more: peers, who alone may speak
 * it, are trusted with the other ports, as there is no narrower way to let it in.
 */
export function flowsLetIn(
  to: Role,
  rule: OpenRule,
  guarded: readonly GuardedFlow[] = guardedFlows(),
): GuardedFlow[] {
  const flows = guarded.filter((flow) => flow.to.includes(to));
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
