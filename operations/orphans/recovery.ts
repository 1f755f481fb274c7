import type { PendingOperation, StackExport, StateResource } from "./deployment";
import { pendingOperations } from "./deployment";
import { kindOf, type CloudResource } from "./kinds";
import { partTypes } from "./partTypes";

type Inputs = Record<string, unknown>;

/** Resources that bind two others: which id they have, and whether the cloud has bound them already. Made again they would be refused. */
const bindings: Record<string, { resource: string; id: (inputs: Inputs) => string }> = {
  "tencentcloud:index/eipAssociation:EipAssociation": {
    resource: "eipId",
    id: ({ eipId, instanceId }) => `${String(eipId)}::${String(instanceId)}`,
  },
  "tencentcloud:index/cbsStorageAttachment:CbsStorageAttachment": {
    resource: "storageId",
    id: ({ storageId }) => String(storageId),
  },
  // Providers from 1.82.21 on make it (components/provider.ts).
  "tencentcloud:index/haVipInstanceAttachment:HaVipInstanceAttachment": {
    resource: "haVipId",
    id: ({ haVipId, instanceId }) => `${String(haVipId)}#${String(instanceId)}`,
  },
};

/** Types whose create may simply run again over one that ended half-way: steps on hosts, local commands, whole sets of rules, what is attached to a role, and what is the engine's own. */
const repeatable =
  /^command:|^pulumi:providers:|^tencentcloud:index\/(securityGroupRuleSet|camRolePolicyAttachment):/;

/** What became of the operations that an interrupted run left open. */
export interface Recovery {
  /** The state to go on from. */
  state: StackExport;
  /** Creates that the cloud had carried out: now in the state, under the id the cloud gave. */
  adopted: { urn: string; id: string }[];
  /** Creates that never reached the cloud, or that may run again. */
  forgotten: string[];
  /** Resources whose update or deletion was under way: what the cloud has now is to be read. */
  reread: string[];
  /** Creates that only a person can settle; they stay pending. */
  unsettled: { urn: string; why: string }[];
}

/**
 * Settles what was under way when a run was interrupted. A create whose resource the cloud has, once, unused and in the place that was
 * ordered, is completed in the state as the engine would have: nothing can have been built on it, since whatever depends on a
 * resource waits for its create to end. So is a successor whose create has failed once the cloud had carried it out: the next run makes it anew in its turn
 * where it is not what is wanted. Nothing is ever removed. Pure; see docs/adr/0005-interrupted-creates.md.
 *
 * @param inventory what the cloud holds of the cluster.
 * @param orphans those of it that are in no state.
 */
export function settle(
  state: StackExport,
  inventory: readonly CloudResource[],
  orphans: readonly CloudResource[],
): Recovery {
  const resources = [...(state.deployment.resources ?? [])];
  const recovery: Omit<Recovery, "state"> = {
    ...{ adopted: [], forgotten: [], reread: [], unsettled: [] },
  };
  const kept: PendingOperation[] = [];
  const pending = pendingOperations(state);
  for (const operation of pending) {
    const { urn, type } = operation.resource;
    if (operation.type !== "creating") {
      if (type.startsWith("tencentcloud:")) recovery.reread.push(urn);
      continue;
    }
    const same = resources.findIndex((resource) => resource.urn === urn);
    // A replacement under way. What was deleted first is in the state as a note that its successor is still to come; what is to be
    // deleted last is there as it was.
    const replacing = same >= 0 && resources[same]?.pendingReplacement !== true;
    const found = replacing ? "absent" : outcomeOf(operation, inventory, orphans);
    if (found === "absent") recovery.forgotten.push(urn);
    else if ("why" in found) {
      kept.push(operation);
      recovery.unsettled.push({ urn, why: found.why });
    } else {
      recovery.adopted.push({ urn, id: found.id });
      if (same < 0) resources.push(completed(operation.resource, found.id));
      else resources.splice(same, 1, completed(operation.resource, found.id));
    }
  }
  const noted = new Set(pending.map(({ resource: { urn } }) => urn));
  for (const [at, resource] of resources.entries()) {
    if (resource.pendingReplacement !== true || noted.has(resource.urn)) continue;
    const found = orphanOf(resource, orphans);
    if (found === undefined) continue;
    recovery.adopted.push({ urn: resource.urn, id: found.id });
    resources.splice(at, 1, completed(resource, found.id));
  }
  const deployment = { ...state.deployment, resources, pending_operations: kept };
  return { ...recovery, state: { ...state, deployment } };
}

/** What came of a create: nothing, something with an id, or something that a person has to look at. */
function outcomeOf(
  { resource: { type, custom, inputs = {} } }: PendingOperation,
  inventory: readonly CloudResource[],
  orphans: readonly CloudResource[],
): "absent" | { id: string } | { why: string } {
  // A component is the engine's own note: no provider made anything.
  if (custom === false || repeatable.test(type)) return "absent";
  const binding = bindings[type];
  if (binding !== undefined) {
    const resource = inventory.find(({ id }) => id === inputs[binding.resource]);
    const bound = resource?.instanceIds.some((id) => id === inputs["instanceId"]);
    return bound ? { id: binding.id(inputs) } : "absent";
  }
  const within = partTypes[type];
  if (within !== undefined) {
    const resource = inventory.find(({ id }) => id === inputs[within.resource]);
    const id = resource?.parts[within.part(inputs)];
    return id === undefined ? "absent" : { id };
  }
  if (kindOf(type) === undefined)
    return { why: `look whether the cloud has it: nothing here knows how to find a ${type}` };
  // Several, or one in use: not from the interrupted run alone. They stay orphans, which stop the next run by name.
  return orphanOf({ type, inputs }, orphans) ?? "absent";
}

/** The one orphan that is what was ordered, in its place, and that nobody has used. */
function orphanOf(
  { type, inputs = {} }: Pick<StateResource, "type" | "inputs">,
  orphans: readonly CloudResource[],
): { id: string } | undefined {
  const kind = kindOf(type);
  if (kind === undefined) return undefined;
  const matches = orphans.filter(
    (orphan) =>
      orphan.type === type &&
      orphan.name === inputs[kind.nameInput] &&
      Object.entries(orphan.place).every(
        ([field, value]) => inputs[field] === undefined || inputs[field] === value,
      ),
  );
  const [match] = matches;
  return match === undefined || matches.length > 1 || match.used ? undefined : { id: match.id };
}

/** The resource as the engine would have written it, had the create ended; reading it from the cloud fills in the rest. */
function completed(
  { pendingReplacement: _, ...resource }: StateResource,
  id: string,
): StateResource {
  const plain = Object.entries(resource.inputs ?? {}).filter(([name]) => name !== "__defaults");
  return {
    ...resource,
    id,
    outputs: { ...Object.fromEntries(plain), [idOutput(resource.type)]: id },
  };
}

/** Where the bridge keeps Terraform's own `id`: `instanceId` for `tencentcloud:index/instance:Instance`. Without it a read finds nothing. */
function idOutput(type: string): string {
  const [, noun = ""] = /\/(\w+):/.exec(type) ?? [];
  return `${noun}Id`;
}
