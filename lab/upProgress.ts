import type { EngineEvent, StepMetadata } from "./engineEvents";

/** What the engine's resources tell of a host: its name and duties, of a component. */
interface HostInputs {
  plan?: { name: string; duties: readonly string[] };
}

/** Kinds of work on hosts, in the order they are done in: a host has it for a duty, and it is done by one of these steps. */
const kinds = [
  { what: "hosts", done: ["instance"], has: () => true },
  {
    what: "prepared",
    done: ["prepare-host"],
    // A worker is prepared by the step that has it join.
    has: (duties) => duties.some((duty) => duty !== "worker"),
  },
  { what: "etcd members", done: ["etcd"], has: (duties) => duties.includes("etcd") },
  { what: "directors", done: ["director"], has: (duties) => duties.includes("director") },
  {
    what: "balancers",
    done: ["balancer", "haproxy"],
    has: (duties) => duties.includes("balancer"),
  },
  { what: "masters", done: ["control-plane"], has: (duties) => duties.includes("controlPlane") },
  { what: "registry hosts", done: ["registry"], has: (duties) => duties.includes("registry") },
  { what: "workers", done: ["worker"], has: (duties) => duties.includes("worker") },
] as const satisfies {
  what: string;
  done: readonly string[];
  has: (duties: readonly string[]) => boolean;
}[];

/** How far an `up` is, by the engine's own events: which hosts the program has, and what is done on each. */
export class UpProgress {
  private readonly duties = new Map<string, readonly string[]>();
  private readonly done = new Set<string>();
  private created = false;

  take(events: readonly EngineEvent[]): void {
    for (const { resourcePreEvent, resOutputsEvent } of events) {
      if (resourcePreEvent) this.begins(resourcePreEvent.metadata);
      if (resOutputsEvent) this.ends(resOutputsEvent.metadata);
    }
  }

  /** What is still awaited: `etcd members 1 of 3, masters 0 of 3`; what all hosts have is left out. */
  get awaited(): string {
    if (this.duties.size === 0) return "the program";
    const counts = kinds.flatMap(({ what, done, has }) => {
      const hosts = [...this.duties].filter(([, duties]) => has(duties)).map(([host]) => host);
      const count = hosts.filter((host) =>
        done.some((step) => this.done.has(`${step} ${host}`)),
      ).length;
      return count < hosts.length ? [`${what} ${count} of ${hosts.length}`] : [];
    });
    return counts.length === 0 ? "the rest" : counts.join(", ");
  }

  /**
   * What was made from nothing, so that its time can be compared: `3 etcd, 2 worker`.
   *
   * @returns undefined of a cluster that is there already, wholly or in part.
   */
  get shape(): string | undefined {
    if (!this.created) return undefined;
    const counts = new Map<string, number>();
    for (const duty of [...this.duties.values()].flat())
      counts.set(duty, (counts.get(duty) ?? 0) + 1);
    return [...counts]
      .map(([duty, count]) => `${count} ${duty}`)
      .sort()
      .join(", ");
  }

  private begins({ op, type, new: resource }: StepMetadata): void {
    if (type === "kubernetes-ha:index:HaCluster") this.created = op === "create";
    // Those of hosts, the bastion's included, are the only ones whose plan has duties.
    const { plan } = (resource?.inputs ?? {}) as HostInputs;
    if (type.startsWith("kubernetes-ha:") && Array.isArray(plan?.duties))
      this.duties.set(plan.name, plan.duties);
  }

  private ends({ op, type, new: resource }: StepMetadata): void {
    if (op.startsWith("delete") || op.startsWith("discard")) return;
    const inputs = resource?.inputs ?? {};
    if (type === "tencentcloud:index/instance:Instance")
      this.done.add(`instance ${String(inputs["instanceName"])}`);
    // A step says in its triggers what it does to whom (StepTrigger).
    const triggers = inputs["triggers"];
    const [, trigger] = (Array.isArray(triggers) ? triggers : []) as {
      step?: string;
      host?: string;
    }[];
    if (type === "command:remote:Command" && trigger?.step !== undefined)
      this.done.add(`${trigger.step} ${trigger.host}`);
  }
}
