import { drill, type Drill } from "../drill";
import type { Fault } from "../faults";
import type { Attempt } from "../records";
import type { Site } from "../site";
import { type Verdict, verdictsOf } from "../verdict";
import type { Check, Tried } from "./exercise";
import { nothingLost, writesGoOn } from "./writes";

/** What is judged beside new connections while the fault lasts. */
interface Judged {
  /** Of writes. @default that they go on */
  writes?: (writes: readonly Attempt[], times: Drill["times"]) => Check[];
  /** New connections once it is put right. @default true */
  back?: boolean;
}

/** Tries a fault of the contract's kind, with clients at all positions, and judges what they saw. */
export async function ofFault(
  site: Site,
  fault: Fault,
  { writes: writeChecks = (writes) => [writesGoOn(writes)], back = true }: Judged = {},
): Promise<Tried | undefined> {
  const done = await drill(site, fault);
  if (done === undefined) return undefined;
  const { records, times } = done;
  const writes = [...records.values()].flatMap(({ pulses }) => pulses);
  const verdicts = verdictsOf(site.plan.entry, back ? done : { ...done, back: [] });
  const lateMs = Math.max(...verdicts.map((each) => each.lateMs));
  return {
    does: done.does,
    checks: [
      ...connectionChecks(verdicts).map((check) => onBusyMachine(check, lateMs)),
      ...writeChecks(writes, times).map((check) => onBusyMachine(check, lateMs)),
      await nothingLost(
        site,
        [...records.values()].flatMap(({ entries }) => entries),
      ),
    ],
    events: [
      { at: times.struck, what: done.does },
      ...(times.undone === undefined ? [] : [{ at: times.undone, what: "put right" }]),
      { at: times.end, what: "all well" },
    ],
    writes,
    connections: records.get("worker")?.tries ?? [],
  };
}

/** From how late clients began on, in milliseconds, it is the machine that they measure as well. */
const lateFrom = 250;

/** A time that was too long while clients themselves could not keep theirs tells nothing. Pure. */
export function onBusyMachine(check: Check, lateMs: number): Check {
  if (check.passed || check.strict || lateMs < lateFrom) return check;
  const late = `; clients began up to ${(lateMs / 1000).toFixed(1)} s late`;
  return { ...check, measured: `${check.measured}${late}`, unclear: true };
}

/** What the entry promises at each way to it, where it promises anything. */
function connectionChecks(verdicts: readonly Verdict[]): Check[] {
  return verdicts
    .filter(({ aimMs }) => aimMs !== null)
    .map(({ fault, way, position, newConnectionGapMs, aimMs, passed, ...seen }) => ({
      what: `new connections fail, ${ways[way]}${fault.endsWith("-back") ? ", when it is put right" : ""}`,
      expected: `for ${(aimMs ?? 0) / 1000} s at most`,
      measured: `${newConnectionGapMs / 1000} s at ${position}, ${seen.failed} of ${seen.started}, ${seen.watchesCut} watches cut`,
      passed,
    }));
}

const ways = {
  entry: "by the API's name",
  service: "of pods by the Service kubernetes",
  struck: "on the master that is struck",
} as const;
