import { isDeepStrictEqual } from "node:util";
import { tagNames, type Role } from "../../../components/plan/roles";
import { type Kind, kindOf, typesOf } from "../../../policy/facts/types";
import type { Preview, State, Step } from "../../../policy/check/preview";
import { readPreview } from "../../../policy/check/preview";
import { encryption, kubeletFile, masterFiles } from "../stepFiles";

const prefix = "urn:pulumi:prod::kubernetes::";

/** Resources of a stack by the last part of their URNs and their types: a plan's before or after, to be changed in place. */
export class Stack {
  readonly states: State[] = [];
  /** URNs of what a provider would replace, not update. */
  readonly replaced = new Set<string>();

  add(kind: Kind | "stack", name: string, more: Partial<State> = {}): State {
    const type = kind === "stack" ? "pulumi:pulumi:Stack" : (typesOf(kind)[0] ?? kind);
    const state: State = {
      urn: `${prefix}${type}::${name}`,
      type,
      custom: !type.startsWith("kubernetes-ha:"),
      inputs: {},
      outputs: {},
      dependencies: [],
      propertyDependencies: {},
      additionalSecretOutputs: [],
      ...more,
    };
    this.states.push(state);
    return state;
  }

  get(kind: Kind, name: string): State {
    const found = this.states.find(
      ({ type, urn }) => kindOf(type) === kind && urn.endsWith(`::${name}`),
    );
    if (found === undefined) throw new Error(`the stack has no ${kind} ${name}`);
    return found;
  }

  remove(...urns: string[]): void {
    const kept = this.states.filter(({ urn }) => !urns.includes(urn));
    this.states.splice(0, this.states.length, ...kept);
  }

  instance(name: string): State {
    return this.get("instance", name);
  }

  replace(...states: State[]): void {
    for (const { urn } of states) this.replaced.add(urn);
  }

  /** The command that is a member's health gate. */
  gate(name: string): State {
    return this.get("command", `${name}-step`);
  }

  /** What that command registers for review, to be changed in place. */
  trigger(name: string): Record<string, unknown> {
    const [, trigger] = this.gate(name).inputs["triggers"] as [string, Record<string, unknown>];
    return trigger;
  }

  copy(): Stack {
    const copy = new Stack();
    // Not structuredClone: its objects are of another realm than jest's, and equal to none of it.
    copy.states.push(...(JSON.parse(JSON.stringify(this.states)) as State[]));
    return copy;
  }
}

/** A cluster as it lives: 3 etcd members with their disks, 3 masters, 2 balancers with a virtual IP, 1 worker. */
export function livingCluster(etcd = 3): Stack {
  const stack = new Stack();
  stack.add("stack", "prod");
  stack.add("haVip", "api", { inputs: { vip: "10.0.0.4" } });
  for (const role of ["etcd", "master", "balancer"]) {
    stack.add("placementGroup", role, { inputs: { name: role, type: "HOST", affinity: 1 } });
  }
  const names = Array.from({ length: etcd }, (_, index) => `etcd-${index + 1}`);
  stack.add("etcdCluster", "etcd", { inputs: { members: names, version: "v3.7.3" } });
  const masters = ["master-1", "master-2", "master-3"];
  stack.add("controlPlane", "control-plane", { inputs: { masters, version: "v1.36.3" } });
  names.forEach((name) => addMember(stack, "etcd", name));
  masters.forEach((name) => addMember(stack, "master", name));
  ["balancer-1", "balancer-2"].forEach((name) => addMember(stack, "balancer", name));
  addMember(stack, "worker", "worker-1");
  return stack;
}

/** The same with a member of etcd on each master, and no other hosts for it. */
export function stackedCluster(masters = 3): Stack {
  const stack = new Stack();
  stack.add("stack", "prod");
  const names = Array.from({ length: masters }, (_, index) => `master-${index + 1}`);
  stack.add("placementGroup", "master", { inputs: { name: "master", type: "HOST", affinity: 1 } });
  stack.add("placementGroup", "balancer", {
    inputs: { name: "balancer", type: "HOST", affinity: 1 },
  });
  stack.add("etcdCluster", "etcd", { inputs: { members: names, version: "v3.7.3" } });
  stack.add("controlPlane", "control-plane", { inputs: { masters: names, version: "v1.36.3" } });
  for (const name of names) {
    addMember(stack, "master", name);
    const tags = stack.instance(name).inputs["tags"] as Record<string, string>;
    tags[tagNames.duties] = "controlPlane etcd";
    addDataDisk(stack, name);
  }
  ["balancer-1", "balancer-2"].forEach((name) => addMember(stack, "balancer", name));
  return stack;
}

const steps: Partial<Record<Role, string>> = {
  etcd: "etcd",
  master: "control-plane",
  balancer: "balancer",
  registry: "registry",
};

/** A cluster with a registry of its own, on two hosts. */
export function withRegistry(): Stack {
  const stack = livingCluster();
  const inputs = { name: "registry", type: "HOST", affinity: 1 };
  stack.add("placementGroup", "registry", { inputs });
  ["registry-1", "registry-2"].forEach((name) => addMember(stack, "registry", name));
  return stack;
}

/** Adds a host with the one step that makes it a member, and for etcd its data disk. */
export function addMember(stack: Stack, role: Role, name: string): void {
  const group = stack.states.find(
    ({ type, inputs }) => kindOf(type) === "placementGroup" && inputs["name"] === role,
  );
  const instance = stack.add("instance", name, {
    inputs: {
      instanceName: name,
      instanceType: "S5.LARGE8",
      tags: { [tagNames.cluster]: "prod", [tagNames.role]: role },
      ...(group && { placementGroupId: `ps-${role}` }),
    },
    ...(group && { propertyDependencies: { placementGroupId: [group.urn] } }),
  });
  const own: string[] = [instance.urn];
  if (role === "etcd") own.push(addDataDisk(stack, name).urn);
  const trigger = {
    step: steps[role] ?? "worker",
    host: name,
    params: {},
    files: role === "master" ? masterFiles() : role === "worker" ? [kubeletFile()] : [],
    secretFiles: role === "master" ? [{ path: encryption }] : [],
    script: "1",
  };
  stack.add("command", `${name}-step`, {
    inputs: { create: "run-step", stdin: "[secret]", triggers: [`ins-${name}`, trigger] },
    dependencies: own,
    deletedWith: instance.urn,
  });
  if (role !== "etcd") return;
  const upkeep = {
    ...{ step: "etcd-upkeep", host: name, params: { SNAPSHOTS: "yes" } },
    ...{ files: [], secretFiles: [], script: "1" },
  };
  stack.add("command", `${name}-upkeep`, {
    inputs: { create: "run-step", stdin: "[secret]", triggers: [`ins-${name}`, upkeep] },
    dependencies: own,
    deletedWith: instance.urn,
  });
}

/** Adds the data disk of a member of etcd. @returns what attaches it. */
function addDataDisk(stack: Stack, name: string): State {
  const disk = stack.add("disk", `${name}-data`, {
    inputs: {
      storageType: "CLOUD_HSSD",
      storageSize: 100,
      tags: { [tagNames.cluster]: "prod", [tagNames.role]: "etcd" },
    },
  });
  return stack.add("diskAttachment", `${name}-data`, {
    propertyDependencies: { instanceId: [stack.instance(name).urn], storageId: [disk.urn] },
  });
}

/** Adds what takes a member out when it is deleted, after the departures named. */
export function addDeparture(stack: Stack, member: string, after: string[] = []): State {
  const component = stack.add("departure", `${member}-departure`, { inputs: { member } });
  return stack.add("command", `${member}-departure`, {
    inputs: { create: "true", delete: `member remove ${member}` },
    parent: component.urn,
    dependencies: [
      stack.instance(member).urn,
      ...after.map((other) => stack.get("command", `${other}-departure`).urn),
    ],
  });
}

/** Adds the same as components/remote/departure.ts does: one command, which waits for others on the hosts. */
export function addOwnDeparture(stack: Stack, member: string): State {
  const instance = stack.instance(member).urn;
  return stack.add("command", `${member}-departure`, {
    inputs: {
      delete: `bash run-departure.sh ${member}`,
      stdin: "[secret]",
      triggers: [`ins-${member}`, { departure: member }],
    },
    dependencies: [instance],
    propertyDependencies: { triggers: [instance] },
    deletedWith: "urn:pulumi:prod::kubernetes::tencentcloud:index/vpc:Vpc::prod",
  });
}

/** Removes a member with all that is its own. */
export function removeMember(stack: Stack, name: string): void {
  stack.remove(
    ...stack.states
      .map(({ urn }) => urn)
      .filter((urn) => new RegExp(`::${name}(-data|-step|-departure)?$`).test(urn)),
  );
}

/** The preview the engine makes of a change. */
export function previewOf(before: Stack, after: Stack): Preview {
  const found = new Map(after.states.map((state) => [state.urn, state]));
  const known = new Map(before.states.map((state) => [state.urn, state]));
  const steps: Partial<Step>[] = after.states.map((newState) => {
    const oldState = known.get(newState.urn);
    if (oldState === undefined) return { op: "create", urn: newState.urn, newState };
    if (after.replaced.has(newState.urn)) {
      return { op: "replace", urn: newState.urn, oldState, newState };
    }
    const changed = Object.keys({ ...oldState.inputs, ...newState.inputs }).filter(
      (name) => !isDeepStrictEqual(oldState.inputs[name], newState.inputs[name]),
    );
    const op = changed.length > 0 ? "update" : "same";
    return { op, urn: newState.urn, oldState, newState, diffReasons: changed };
  });
  for (const [urn, oldState] of known) {
    if (!found.has(urn)) steps.push({ op: "delete", urn, oldState });
  }
  return readPreview(JSON.stringify({ steps }));
}
