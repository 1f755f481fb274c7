import { memberParams } from "../../components/memberParams";
import type { ClusterPlan } from "../../components/plan/cluster";
import { type Hosts, type SnapshotFile, withAll } from "./hosts";

/** A snapshot to restore. */
export interface Snapshot extends SnapshotFile {
  bytes: number;
  /** Empty for a sealed one, which cannot be changed without its opening showing that. */
  sha256: string;
  /** What opens a sealed one. Secret. @default it is not sealed */
  identity?: string;
}

/** What a restore is called, `20261126T134400Z`. */
export function restoreName(at: Date): string {
  return at.toISOString().replace(/[-:]|\.\d+/g, "");
}

/** Revision that etcd goes on from: beyond all it has had, restores before this one included, as long as it was written to less than 10000 times a second. */
function revisionAt(at: Date): number {
  return at.getTime() * 10;
}

/** Seconds each act may take on a host. */
const seconds = { short: 120, prepare: 1800, etcd: 900, start: 600 } as const;

/**
 * Restores a snapshot on all members of etcd. All hosts do one act before any does the next:
 *
 * 1. each member gets the snapshot, looks whether it is whole, and makes its data of it beside what is there: until here nothing is touched;
 * 2. apiservers and members end, and stay down, whatever still ran of a quorum;
 * 3. each member's data is exchanged; what was there stays beside it;
 * 4. the step `etcd` of `pulumi up` has the members serve, as a cluster of another identity; then the apiservers.
 *
 * Cut off at any moment, it is run again.
 *
 * @param at When: it names this restore, in the cluster's new token and in what was there before.
 * @throws Error naming the hosts where an act failed.
 */
export async function restoreSnapshot(
  plan: ClusterPlan,
  snapshot: Snapshot,
  { hosts, at, tell }: { hosts: Hosts; at: Date; tell: (line: string) => void },
): Promise<void> {
  const run = restoreName(at);
  const members = new Map(plan.etcd.map((host) => [host.name, memberParams(plan, host)]));
  const [names, masters] = [[...members.keys()], plan.masters.map(({ name }) => name)];
  const all = [...new Set([...names, ...masters])];
  const act =
    (act: string, limit: number, more: Record<string, string> = {}) =>
    (host: string) =>
      hosts.step(
        host,
        "etcd-restore",
        { ACT: act, RUN: run, API_PORT: plan.apiserverPort, ...of(host), ...more },
        limit,
      );
  const of = (host: string) => {
    const member = members.get(host);
    if (member === undefined) return {};
    const { bytes, sha256, identity = "" } = snapshot;
    return {
      ...member,
      BYTES: bytes,
      SHA256: sha256,
      IDENTITY: identity,
      TOKEN: `${plan.name}-${run}`,
      REVISION: revisionAt(at),
    };
  };

  try {
    tell(`the scripts go to ${all.length} hosts`);
    await withAll(all, "reaching the hosts", (host) => hosts.prepare(host));
    tell(`the snapshot goes to ${names.join(", ")}`);
    await withAll(names, "making room", act("receive", seconds.short));
    await withAll(names, "copying the snapshot", (host) =>
      hosts.copy(
        snapshot,
        host,
        `${members.get(host)?.DATA_DIR}/restore/snapshot.${snapshot.identity === undefined ? "db" : "sealed"}`,
      ),
    );
    tell("each member makes its data of it");
    await withAll(names, "making the data", act("prepare", seconds.prepare));
  } catch (error) {
    await withAll(names, "cleaning up", act("forget", seconds.short)).catch(() => undefined);
    throw new Error(
      `${error instanceof Error ? error.message : String(error)}\nnothing was touched`,
      {
        cause: error,
      },
    );
  }
  try {
    tell("apiservers and members end");
    await withAll(all, "stopping", act("stop", seconds.short));
    tell("data is exchanged");
    await withAll(names, "exchanging the data", act("exchange", seconds.short));
    tell("members start");
    await withAll(names, "starting etcd", (host) =>
      hosts.step(host, "etcd", members.get(host) ?? {}, seconds.etcd),
    );
    tell("apiservers start");
    await withAll(all, "starting the apiservers", act("start", seconds.start));
  } catch (error) {
    throw new Error(
      `${error instanceof Error ? error.message : String(error)}\nthe cluster is down now: mend the cause and run the same again`,
      { cause: error },
    );
  }
}
