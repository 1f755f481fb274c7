/** What a prober (prober.py) writes down. Times are seconds since the epoch, of the machine that reads it. */
export interface Records {
  tries: readonly Try[];
  /** Writes to the object that is watched. */
  pulses: readonly Attempt[];
  /** Writes to the ledger, each of an entry of its own. */
  entries: readonly Entry[];
  watches: readonly WatchRecord[];
}

/** A request on a connection of its own. */
export interface Attempt {
  start: number;
  end: number;
  /** Empty when it was served, or else the stage it came to and what happened there: `connect: refused`. */
  error: string;
}

export interface Try extends Attempt {
  /** Whose certificate it saw, as the start of its SHA-256; empty when it saw none. */
  who: string;
  /** Seconds that the machine of the prober started it too late. */
  late: number;
}

export interface Entry extends Attempt {
  /** What it is found by. */
  key: string;
}

export type WatchRecord = { watch: number } & (
  | { what: "open"; at: number; who: string }
  /** It was told nothing. */
  | { what: "silence"; from: number; to: number }
  | { what: "cut"; at: number; how: string }
  | { what: "refused"; at: number; error: string }
);

/**
 * Reads a prober's log. A last line that was not written to its end is left out.
 *
 * @param clock Seconds that its clock was ahead of this machine's.
 */
export function parseRecords(log: string, clock = 0): Records {
  const [tries, pulses]: [Try[], Attempt[]] = [[], []];
  const [entries, watches]: [Entry[], WatchRecord[]] = [[], []];
  const at = (time: unknown): number => (time as number) - clock;
  for (const line of log
    .slice(0, log.lastIndexOf("\n") + 1)
    .split("\n")
    .filter(Boolean)) {
    const [what, ...rest] = JSON.parse(line) as [string, ...(string | number)[]];
    const [a, b, c, d, e] = rest as [never, never, never, never, never];
    const watch: number = a;
    if (what === "try") tries.push({ start: at(a), end: at(b), error: c, who: d, late: e });
    else if (what === "pulse") pulses.push({ start: at(a), end: at(b), error: c });
    else if (what === "entry") entries.push({ start: at(a), end: at(b), error: c, key: d });
    else if (what === "open") watches.push({ watch, what, at: at(b), who: c });
    else if (what === "silence") watches.push({ watch, what, from: at(b), to: at(c) });
    else if (what === "cut") watches.push({ watch, what, at: at(b), how: c });
    else if (what === "refused") watches.push({ watch, what, at: at(b), error: c });
    else throw new Error(`a prober wrote what is not known: ${line}`);
  }
  return { tries, pulses, entries, watches };
}
