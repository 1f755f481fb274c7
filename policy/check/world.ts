import type { Duty, Role } from "../../components/plan/roles";
import { clusterName, instancesOf } from "../facts/instances";
import { type Resource, Stack } from "../facts/stack";
import { departing } from "../facts/steps";
import type { Kind } from "../facts/types";
import { object, text } from "../facts/values";
import { Graph } from "./graph";
import type { State } from "./preview";

/** A host that has a role in a cluster, and all that belongs to it alone. Who stands by whom is told by role, who does what by duties. */
export interface Member {
  urn: string;
  /** As the cloud and the cluster know it. */
  name: string;
  cluster: string;
  role: Role;
  duties: readonly Duty[];
  /** Its instance, as the rules of the pack see it. */
  resource: Resource;
  /** Data disks attached to it. */
  disks: State[];
  /** What attaches them. */
  attachments: State[];
  /** Commands that are run on it. */
  commands: State[];
}

/** All resources at one moment: as they are, or as they are to be. */
export class World {
  /** The same, as the rules of the pack see it. */
  readonly stack: Stack;
  readonly graph: Graph;
  readonly members: Member[];

  constructor(readonly states: ReadonlyMap<string, State>) {
    this.stack = new Stack([...states.values()].map(toResource));
    this.graph = new Graph(states);
    this.members = this.readMembers();
  }

  of(kind: Kind): State[] {
    return this.stack.of(kind).flatMap(({ urn }) => this.states.get(urn) ?? []);
  }

  /** Members of one cluster that have a duty. */
  membersOf(cluster: string, duty: Duty): Member[] {
    return this.members.filter(
      (member) => member.cluster === cluster && member.duties.includes(duty),
    );
  }

  private readMembers(): Member[] {
    const commands = this.commandsByInstance();
    const attachments = this.attachmentsByInstance();
    return instancesOf(this.stack).flatMap(({ resource, role, duties, cluster }) => {
      if (role === undefined) return [];
      const { urn, props, name } = resource;
      return [
        {
          urn,
          name: text(props["instanceName"]) ?? name,
          cluster: clusterName(cluster),
          role,
          duties,
          resource,
          disks: (attachments.get(urn) ?? []).flatMap((each) => this.attachedBy(each)),
          attachments: attachments.get(urn) ?? [],
          commands: commands.get(urn) ?? [],
        },
      ];
    });
  }

  private attachmentsByInstance(): ReadonlyMap<string, State[]> {
    const attachments = new Map<string, State[]>();
    for (const attachment of this.of("diskAttachment")) {
      for (const instance of attachment.propertyDependencies["instanceId"] ?? []) {
        attachments.set(instance, [...(attachments.get(instance) ?? []), attachment]);
      }
    }
    return attachments;
  }

  private attachedBy({ propertyDependencies: from }: State): State[] {
    return (from["storageId"] ?? []).flatMap((urn) => this.states.get(urn) ?? []);
  }

  /** A command goes with the instance, is run again with it, or dials its address. */
  private commandsByInstance(): ReadonlyMap<string, State[]> {
    const instances = new Map<string, string>();
    for (const { urn, inputs } of this.of("instance")) {
      instances.set(urn, urn);
      const address = text(inputs["privateIp"]);
      if (address !== undefined) instances.set(address, urn);
    }
    const commands = new Map<string, State[]>();
    for (const command of this.of("command")) {
      // It is about the member, and runs elsewhere.
      if (departing(command.inputs) !== undefined) continue;
      const { deletedWith, inputs, propertyDependencies: from } = command;
      const hints = [
        deletedWith,
        text(object(inputs["connection"])["host"]),
        ...(from["connection"] ?? []),
        ...(from["triggers"] ?? []),
      ];
      const instance = hints
        .map((hint) => instances.get(hint ?? ""))
        .find((urn) => urn !== undefined);
      if (instance !== undefined) {
        commands.set(instance, [...(commands.get(instance) ?? []), command]);
      }
    }
    return commands;
  }
}

/** Last part of a URN: the name the program gave. */
export function lastOf(urn: string): string {
  return urn.split("::").at(-1) ?? urn;
}

function toResource(state: State): Resource {
  const { urn, type, id, inputs, propertyDependencies, parent, additionalSecretOutputs } = state;
  return {
    urn,
    type,
    name: lastOf(urn),
    // What the program says; outputs of what changes are still those of before.
    props: id ? { id, ...inputs } : inputs,
    propertyDependencies,
    ...(parent ? { parent } : {}),
    additionalSecretOutputs,
  };
}
