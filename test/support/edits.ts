import { readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parse, stringify } from "yaml";
import type { ClusterPlan, HostPlan } from "../../components/plan/cluster";
import { keptRoles } from "../../components/plan/roles";
import type { ClusterConfigInput } from "../../components/plan/config";
import { hostOf, placeOf, siteOf } from "../../drills/site";
import { Engine } from "../../lab/engine";
import { clusterKey } from "../../lab/examples";
import { clusterReady } from "../../lab/up";
import { etcdctl } from "./etcdctl";
import { type Blow, endedBy, type Moment } from "./interruption";
import type { TestLab } from "./lab";
import { expectServed, seenMeanwhile } from "./seen";

type Cluster = Required<ClusterConfigInput>;

/** An edit of a cluster's configuration, in place. */
export type Edit = (cluster: Cluster) => void;

/** Has a host be made anew; one that is protected may leave for it. @param host Role and key, `etcd-1`. */
export function madeAnew(host: string): Edit {
  return (cluster) => {
    cluster.generations = { ...cluster.generations, [host]: 2 };
    cluster.leaving = keptRoles.some((role) => host.startsWith(`${role}-`)) ? [host] : [];
  };
}

interface Stack {
  config: Record<string, Cluster>;
}

/** The configuration of the lab's own cluster, edited as people do and carried out by `up`, again and again. */
export class Edits {
  private readonly stack = parse(
    readFileSync(join(resolve(__dirname, "../.."), "Pulumi.lab.yaml"), "utf8"),
  ) as Stack;

  /** @param options What else `up` is told, of what the lab is to be. */
  constructor(
    readonly lab: TestLab,
    private readonly options: readonly string[] = [],
  ) {}

  /** What the cluster was brought to last. */
  get plan(): ClusterPlan {
    return siteOf(this.lab).plan;
  }

  /** A host of it. */
  host(name: string): HostPlan {
    return hostOf(this, name);
  }

  /** @throws Error with the output when `up` fails. */
  async up(edit?: Edit): Promise<void> {
    await this.lab.must(...this.arguments(edit));
  }

  /** What `npm run lab --` is told to bring the cluster to what an edit makes of it. */
  arguments(edit: Edit = () => undefined): string[] {
    const cluster = this.stack.config[clusterKey];
    if (cluster === undefined) throw new Error(`Pulumi.lab.yaml has no ${clusterKey}`);
    edit(cluster);
    const path = join(tmpdir(), `${this.lab.identity.id}.yaml`);
    writeFileSync(path, stringify(this.stack));
    return ["up", "--config-file", path, ...this.options];
  }

  /**
   * An edit while somebody writes and somebody watches, from a host that stays. Nothing acknowledged is lost, nobody waits for 10 s, etcd and the API list
   * exactly who is configured, and a second `up` changes nothing.
   *
   * @param blows What ends `up` on the way, and when, one after another; the one after the last may come to its end.
   */
  async change(
    what: string,
    writer: string,
    edit: Edit,
    blows: readonly (readonly [Blow, Moment])[] = [],
  ): Promise<void> {
    const args = this.arguments(edit);
    const act = async (): Promise<void> => {
      await endedBy(this.lab, blows, args);
      await this.lab.must(...args);
    };
    const writing = { pauseSeconds: 0.2, seconds: 3000 };
    expectServed(what, await seenMeanwhile(this.lab, writer, act, writing));
    await this.settled();
  }

  /** A machine dies and does not come back. @returns the id of its instance. */
  async kill(name: string): Promise<string> {
    const { instanceId } = await placeOf({ cluster: this.lab }, { name });
    await this.lab.admin.instance(instanceId, "kill");
    return instanceId;
  }

  private async settled(): Promise<void> {
    const { plan } = this;
    const members = await etcdctl(this.lab, plan.etcd[1]?.name ?? "", "member list");
    expect(listed(members.split("\n").map((line) => line.split(", ").slice(1, 3).join()))).toEqual(
      listed(plan.etcd.map(({ name }) => `started,${name}`)),
    );
    expect(members).not.toContain(", true");
    const nodes = await this.lab.kubectl("get", "nodes", "-o", "name");
    expect(listed(nodes.split("\n"))).toEqual(
      listed([...plan.masters, ...plan.workers].map(({ name }) => `node/${name}`)),
    );
    await clusterReady(this.lab.operator, plan.hosts);
    await this.up();
    expect(new Engine(this.lab.identity, {}).changes()).toEqual([]);
  }
}

const listed = (names: string[]): string[] => names.filter((name) => name !== "").sort();
