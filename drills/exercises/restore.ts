import { restoreSnapshot } from "../../operations/restore/procedure";
import { Hosts } from "../../operations/restore/hosts";
import { keptSnapshots } from "../../operations/restore/snapshots";
import { say } from "../../toolchain/progress";
import { namespace } from "../probers";
import { loseData } from "../quorum";
import { allWell, untilApiAnswers, type Site } from "../site";
import type { Check, Exercise } from "./exercise";
import { nothingLost, writtenInCalm } from "./writes";

/** Seconds from the order to restore a snapshot until the API serves what is in it. */
const restoredWithin = 120;

/** Written after the snapshot. */
const late = ["configmap", "after-the-snapshot", "--namespace", namespace] as const;

export const restore: Exercise = {
  name: "restore",
  about: "a majority of etcd's members loses its data, and a snapshot is restored",
  expected:
    "the API serves what was written before the snapshot, and nothing of what was written after it; members, masters and nodes are as before",
  async run(site) {
    const { cluster, plan } = site;
    if (!plan.config.etcd.snapshots.enabled) return undefined;
    const members = plan.etcd.map(({ name }) => name);
    const before = await writtenInCalm(site);
    const taken = Date.now() / 1000;
    await cluster.onHost(members[0] as string, "systemctl start kubernetes-ha-etcd-snapshot");
    await cluster.kubectl("create", ...late);
    const majority = members.slice(-(Math.floor(members.length / 2) + 1));
    const lost = Date.now() / 1000;
    await loseData(cluster, majority);
    const { directory, run } = cluster.operator.way;
    const hosts = new Hosts(directory, run);
    const ordered = Date.now() / 1000;
    const [newest] = (await keptSnapshots(hosts, members)).snapshots;
    if (newest === undefined) throw new Error("no member keeps a snapshot");
    await restoreSnapshot(plan, newest, { hosts, at: new Date(), tell: say });
    const answers = await untilApiAnswers(site, 300);
    const kept = await nothingLost(
      site,
      before.flatMap(({ entries }) => entries),
    );
    const gone = await isGone(site);
    await allWell(site);
    const well = Date.now() / 1000;
    const all = [...before, ...(await writtenInCalm(site))];
    const does = `loss of the data of ${majority.join(", ")}; ${newest.name} restored`;
    return {
      does,
      checks: [
        {
          what: "the API serves what is in the snapshot",
          expected: `after ${restoredWithin} s at most`,
          measured: `${Math.round(answers - ordered)} s; all is well after ${Math.round(well - ordered)} s`,
          passed: answers - ordered <= restoredWithin,
        },
        kept,
        gone,
      ],
      events: [
        { at: taken, what: "snapshot" },
        { at: lost, what: "data lost" },
        { at: answers, what: "the API answers" },
        { at: well, what: "all well" },
      ],
      writes: all.flatMap(({ pulses }) => pulses),
      connections: all.flatMap(({ tries }) => tries),
    };
  },
};

async function isGone({ cluster }: Site): Promise<Check> {
  const found = await cluster.kubectl("get", ...late, "--ignore-not-found", "-o", "name");
  return {
    what: "what was written after the snapshot",
    expected: "is gone",
    measured: found === "" ? "is gone" : "is there: it was not restored",
    passed: found === "",
    strict: true,
  };
}
