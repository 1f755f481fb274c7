import { stepTrigger } from "../../../policy/facts/steps";
import { type Kind, kindOf } from "../../../policy/facts/types";
import { type Recorded, secretMark } from "./recorded";

/** Name of the cluster that is recorded. Every row has a copy of it under a name of its own. */
export const recordedName = "prod";

/** Resources that say nothing about availability and would only make the preview longer. */
function isLeftOut({ type, urn }: Recorded): boolean {
  return (
    type === "pulumi:pulumi:Stack" ||
    type.startsWith("pulumi:providers:") ||
    type.startsWith("command:local:") ||
    type === "command:remote:CopyToRemote" ||
    // A row that is about departures makes its own.
    (type === "command:remote:Command" && /-(prepare|departure)$/.test(urn))
  );
}

/** Texts that no rule reads, and that nobody would edit below a component: only that they change counts. */
function shorten({ type, inputs = {} }: Recorded): void {
  if (type === "command:remote:Command") inputs["stdin"] = secret("as it was");
}

/** A copy of the recorded cluster, to be edited below the components: inputs, dependencies and resources as the engine has them. */
export class Cluster {
  private constructor(
    readonly name: string,
    readonly resources: Recorded[],
  ) {}

  static of(name: string, recorded: readonly Recorded[]): Cluster {
    const kept = recorded.filter((resource) => !isLeftOut(resource));
    const text = JSON.stringify(kept)
      .replaceAll(/urn:pulumi:[^:]+::[^:]+::/g, "urn:pulumi:changes::changes::")
      .replaceAll(recordedName, name);
    const resources = JSON.parse(text) as Recorded[];
    const there = new Set(resources.map(({ urn }) => urn));
    for (const resource of resources) {
      shorten(resource);
      // The engine itself would refuse what the rules are to judge, in stacks that protect nothing as well.
      delete resource.protect;
      if (resource.parent?.includes("::pulumi:pulumi:Stack::")) delete resource.parent;
      resource.dependencies = resource.dependencies?.filter((urn) => there.has(urn));
      for (const [input, urns] of Object.entries(resource.propertyDependencies ?? {})) {
        (resource.propertyDependencies ?? {})[input] = urns.filter((urn) => there.has(urn));
      }
    }
    return new Cluster(name, resources);
  }

  copy(): Cluster {
    return new Cluster(this.name, JSON.parse(JSON.stringify(this.resources)) as Recorded[]);
  }

  /** The resource of a kind whose name is the cluster's and `rest`. @throws when there is none. */
  get(kind: Kind, rest: string): Recorded {
    const found = this.resources.find(
      ({ type, urn }) => kindOf(type) === kind && urn.endsWith(`::${this.name}${rest}`),
    );
    if (found === undefined)
      throw new Error(`no ${kind} of cluster ${this.name} is called …${rest}`);
    return found;
  }

  /** Inputs of a resource, to be changed in place. */
  inputs(kind: Kind, rest: string): Record<string, unknown> {
    return (this.get(kind, rest).inputs ??= {});
  }

  instance(member: string): Record<string, unknown> {
    return this.inputs("instance", `-${member}`);
  }

  /** Tags of an instance. */
  tags(member: string): Record<string, unknown> {
    return this.instance(member)["tags"] as Record<string, unknown>;
  }

  /** The command that makes a host a member, and ends when it is healthy. */
  gate(member: string): Recorded {
    return this.get("command", `-${member}-${stepOf(member)}`);
  }

  /** What that command registers for review: what it does, in plain text. */
  step(member: string): Record<string, unknown> {
    const [, trigger] = this.gate(member).inputs?.["triggers"] as [
      unknown,
      Record<string, unknown>,
    ];
    return trigger;
  }

  /** Changes the text of a file that a member's step places; the command changes with it. */
  editFile(member: string, path: string, edit: (content: string) => string): void {
    const content = editIn(this.step(member)["files"], path, edit);
    this.touchGate(member, `${path} ${content.length}`);
  }

  /** Changes the text of a file that all hosts of a pool have, and with its hash the steps that bring it to them. */
  editShared(pool: string, path: string, edit: (content: string) => string): void {
    const inputs = this.inputs("poolPreparation", `-${pool}-preparation`);
    const before = inputs["hash"];
    const hash = `changed-${editIn(inputs["files"], path, edit).length}`;
    inputs["hash"] = hash;
    for (const { type, inputs: command } of this.resources) {
      const trigger = kindOf(type) === "command" ? stepTrigger(command ?? {}) : undefined;
      if (trigger?.["shared"] !== before || command === undefined) continue;
      Object.assign(trigger ?? {}, { shared: hash });
      command["stdin"] = secret(JSON.stringify({ what: hash }));
    }
  }

  /** Another standard input of a member's command. */
  touchGate(member: string, what: string): void {
    (this.gate(member).inputs ??= {})["stdin"] = secret(JSON.stringify({ what }));
  }

  /** Takes the masters to another release of Kubernetes. */
  upgrade(
    version: string,
    members: readonly string[] = ["master-1", "master-2", "master-3"],
  ): void {
    this.inputs("controlPlane", "-control-plane")["version"] = version;
    for (const member of members) {
      (this.step(member)["params"] as Record<string, unknown>)["KUBERNETES_VERSION"] = version;
      this.editFile(member, "kubeadm.yaml", (text) =>
        text.replace(/^kubernetesVersion: .*$/m, `kubernetesVersion: ${version}`),
      );
    }
  }

  /** Inbound rules of a role. */
  ingresses(role: string): Record<string, unknown>[] {
    return this.inputs("securityGroupRuleSet", `-${role}`)["ingresses"] as Record<
      string,
      unknown
    >[];
  }

  /** As state: what a command remembers is what it was given. */
  toState(): Recorded[] {
    return this.resources.map((resource) =>
      resource.type.startsWith("command:")
        ? { ...resource, outputs: { stdout: "", stderr: "", ...resource.inputs } }
        : resource,
    );
  }

  remove(...gone: Recorded[]): void {
    const urns = new Set(gone.map(({ urn }) => urn));
    const kept = this.resources.filter(({ urn }) => !urns.has(urn));
    this.resources.splice(0, this.resources.length, ...kept);
  }

  /** Removes a host with all that is its own. */
  removeHost(member: string): void {
    const own = new RegExp(`::${this.name}-${member}(-[a-z-]+)?$`);
    this.remove(...this.resources.filter(({ urn }) => own.test(urn)));
    this.rename((names) => names.filter((name) => name !== `${this.name}-${member}`));
  }

  /** Adds a host like another one. */
  addHost(like: string, member: string): void {
    const own = new RegExp(`::${this.name}-${like}(-[a-z-]+)?$`);
    const copied = this.resources.filter(({ urn }) => own.test(urn));
    const address = String(this.instance(like)["privateIp"]);
    const next = address.replace(/\d+$/, (last) => String(Number(last) + 100));
    const text = JSON.stringify(copied)
      .replaceAll(`${this.name}-${like}`, `${this.name}-${member}`)
      .replaceAll(address, next);
    this.resources.push(...(JSON.parse(text) as Recorded[]));
    this.rename((names) =>
      names.includes(`${this.name}-${like}`) ? [...names, `${this.name}-${member}`] : names,
    );
  }

  /** What the components say their members are. */
  private rename(change: (names: string[]) => string[]): void {
    for (const { inputs = {} } of this.resources) {
      for (const input of ["members", "masters"]) {
        if (Array.isArray(inputs[input])) inputs[input] = change(inputs[input] as string[]);
      }
    }
  }

  /** Has everything that is done to a member wait until another one is healthy. */
  order(second: string, first: string): void {
    const gate = this.gate(first).urn;
    for (const resource of [this.get("instance", `-${second}`), this.gate(second)]) {
      resource.dependencies = [...(resource.dependencies ?? []), gate];
    }
  }

  /** Adds what takes a member out when it is deleted, before those named. */
  addDeparture(member: string, after: readonly string[] = []): void {
    const name = `${this.name}-${member}-departure`;
    const urn = `urn:pulumi:changes::changes::kubernetes-ha:remote:Departure::${name}`;
    this.resources.push(
      {
        urn,
        type: "kubernetes-ha:remote:Departure",
        custom: false,
        inputs: { member: `${this.name}-${member}` },
      },
      {
        ...this.gate(member),
        urn: `urn:pulumi:changes::changes::kubernetes-ha:remote:Departure$command:remote:Command::${name}`,
        parent: urn,
        id: name,
        deletedWith: undefined,
        inputs: {
          ...this.gate(member).inputs,
          create: "true",
          delete: `etcdctl member remove ${member}`,
          triggers: [],
        },
        propertyDependencies: {},
        dependencies: [
          this.get("instance", `-${member}`).urn,
          ...after.map((other) => this.get("command", `-${other}-departure`).urn),
        ],
      },
    );
  }

  /** Adds what takes a member out as components/remote/departure.ts does: one command, which waits for others on the hosts. */
  addOwnDeparture(member: string): void {
    const name = `${this.name}-${member}-departure`;
    const gate = this.gate(member);
    const instance = this.get("instance", `-${member}`).urn;
    const [id] = gate.inputs?.["triggers"] as [unknown];
    this.resources.push({
      ...gate,
      urn: gate.urn.replace(/::[^:]+$/, `::${name}`),
      id: name,
      deletedWith: undefined,
      inputs: {
        connection: gate.inputs?.["connection"],
        delete: `bash run-departure.sh ${member}`,
        triggers: [id, { departure: `${this.name}-${member}` }],
      },
      propertyDependencies: { triggers: [instance] },
      dependencies: [instance],
    });
  }

  /** Adds a resource of the provider. */
  add(type: string, rest: string, inputs: Record<string, unknown>): void {
    const urn = `urn:pulumi:changes::changes::${type}::${this.name}${rest}`;
    this.resources.push({ urn, type, custom: true, inputs });
  }
}

const steps: Readonly<Record<string, string>> = {
  etcd: "etcd",
  master: "control-plane",
  balancer: "balancer",
  general: "worker",
};

function stepOf(member: string): string {
  const step = steps[member.replace(/-.*/, "")];
  if (step === undefined) throw new Error(`${member} has no step`);
  return step;
}

/** A secret, as exported state has it. */
export function secret(value: unknown): object {
  return { [secretMark.key]: secretMark.value, plaintext: JSON.stringify(value) };
}

function editIn(files: unknown, path: string, edit: (content: string) => string): string {
  const file = (files as { path: string; content: string }[]).find((each) =>
    each.path.endsWith(path),
  );
  if (file === undefined) throw new Error(`${path} is placed by none of the files`);
  const content = edit(file.content);
  if (content === file.content) throw new Error(`${path} is as it was`);
  file.content = content;
  return content;
}
