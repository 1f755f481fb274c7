import { setTimeout as delay } from "node:timers/promises";
import { allWell, untilApiAnswers } from "../site";
import type { Exercise } from "./exercise";
import { nothingLost, writtenInCalm } from "./writes";

/** Seconds in which a cluster without anybody's help is back. */
const backWithin = 420;

export const coldStart: Exercise = {
  name: "cold-start",
  about: "every machine loses power at once, and has it again 5 s later",
  expected: "the cluster comes back alone, with everything that was acknowledged",
  async run(site) {
    const before = await writtenInCalm(site);
    const machines = (await site.cluster.admin.hosts()).map(({ name }) => name);
    const power = (order: "kill" | "start"): Promise<unknown> =>
      Promise.all(machines.map((name) => site.cluster.admin.power(name, order)));
    const lost = Date.now() / 1000;
    await power("kill");
    await delay(5000);
    const started = Date.now() / 1000;
    await power("start");
    const answers = await untilApiAnswers(site, backWithin);
    await allWell(site);
    const well = Date.now() / 1000;
    const kept = await nothingLost(
      site,
      before.flatMap(({ entries }) => entries),
    );
    const all = [...before, ...(await writtenInCalm(site))];
    const does = `power loss of ${machines.join(", ")}`;
    return {
      does,
      checks: [
        {
          what: "every node, pod and apiserver is ready, after power is back",
          expected: `after ${backWithin} s at most`,
          measured: `${Math.round(well - started)} s; the API answered after ${Math.round(answers - started)} s`,
          passed: well - started <= backWithin,
        },
        kept,
      ],
      events: [
        { at: lost, what: does },
        { at: started, what: "power is back" },
        { at: answers, what: "the API answers" },
        { at: well, what: "all well" },
      ],
      writes: all.flatMap(({ pulses }) => pulses),
      connections: all.flatMap(({ tries }) => tries),
    };
  },
};
