import Table from "cli-table3";
import type { Run } from "./collect";
import { type ActionCalls, engine, type Moment } from "./moments";
import { compareStages, stagesOf } from "./stages";

const bald = { style: { head: [], border: [] } };

/** Which host did what when, in `up` and in the bare script, and where `up` fell behind. Pure. */
export function timeline(
  own: Run,
  bare: Run,
  { hosts, calls }: { hosts: readonly string[]; calls: readonly ActionCalls[] },
): string {
  return [
    ...[engine, ...hosts].map((who) => hostTable(who, own, bare)),
    callTable(calls, own.began),
    stageTable(own, bare),
    `processors busy: up ${own.busySeconds} s, bare ${bare.busySeconds} s`,
  ].join("\n\n");
}

/** Where `up` took longer than the bare script. Pure. */
export function stageTable(own: Run, bare: Run): string {
  const table = new Table({
    head: ["stage", "up", "bare", "lost"],
    colAligns: ["left", "right", "right", "right"],
    ...bald,
  });
  for (const stage of compareStages(stagesOf(own), stagesOf(bare)))
    table.push([stage.what, ...[stage.own, stage.bare, stage.lost].map(tenths)]);
  return table.toString();
}

/** What one of them did, in order, by seconds since the start of either run. Pure. */
export function hostTable(who: string, own: Run, bare: Run): string {
  const table = new Table({
    head: [who, "up", "bare"],
    colAligns: ["left", "right", "right"],
    ...bald,
  });
  const [first, second] = [own, bare].map((run) => numbered(run, who)) as [Timed, Timed];
  const order = (what: string): number => first.get(what) ?? second.get(what) ?? 0;
  for (const what of [...new Set([...first.keys(), ...second.keys()])].sort(
    (a, b) => order(a) - order(b),
  ))
    table.push([what, tenths(first.get(what)), tenths(second.get(what))]);
  return table.toString();
}

/** Calls of the cloud's API. @param began Of the run, milliseconds since 1970. */
export function callTable(calls: readonly ActionCalls[], began: number): string {
  const table = new Table({
    head: ["cloud API", "calls", "refused", "first", "last"],
    colAligns: ["left", "right", "right", "right", "right"],
    ...bald,
  });
  const since = (at: number): string => tenths((at - began) / 1000);
  for (const { action, calls: count, refused, first, last } of calls)
    table.push([action, count, refused, since(first), since(last)]);
  return table.toString();
}

/** Seconds by what happened. */
type Timed = Map<string, number>;

/** What happens again is told apart by a number. */
function numbered({ began, moments }: Run, who: string): Timed {
  const times: Timed = new Map();
  const own = moments.filter((moment: Moment) => moment.who === who);
  for (const { at, what } of own.sort((a, b) => a.at - b.at)) {
    let name = what;
    for (let again = 2; times.has(name); again++) name = `${what} ${again}`;
    times.set(name, (at - began) / 1000);
  }
  return times;
}

function tenths(seconds: number | undefined): string {
  return seconds === undefined ? "" : seconds.toFixed(1);
}
