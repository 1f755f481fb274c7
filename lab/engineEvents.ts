import { closeSync, existsSync, openSync, readSync } from "node:fs";

/** What the engine tells of one resource. */
export interface StepMetadata {
  /** `create`, `update`, `same`, `delete`, ... */
  op: string;
  urn: string;
  type: string;
  /** The resource as it is to be; secrets in it are masked. */
  new?: { inputs?: Record<string, unknown>; outputs?: Record<string, unknown> } | null;
}

/** One line of the engine's own event log, as far as it is read here. */
export interface EngineEvent {
  /** Seconds since 1970. */
  timestamp: number;
  /** The configuration has been read, the plugins run. */
  preludeEvent?: object;
  /** A resource is about to be worked on. */
  resourcePreEvent?: { metadata: StepMetadata };
  /** It is done, or, of a component, has its outputs. */
  resOutputsEvent?: { metadata: StepMetadata };
  resOpFailedEvent?: { metadata: StepMetadata };
  summaryEvent?: object;
}

/** Events of whole lines of a log. Pure. */
export function parseEvents(text: string): EngineEvent[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as EngineEvent);
}

/** Last part of a resource's URN: its name in the program. Pure. */
export function nameOf({ urn }: Pick<StepMetadata, "urn">): string {
  return urn.split("::").at(-1) ?? urn;
}

/** Milliseconds between two looks at a log. */
const lookEvery = 250;

/**
 * Gives the events of a log while an engine writes it, from the log's beginning.
 *
 * @param file Need not be there yet.
 * @returns what ends it, after a last look.
 */
export function followEvents(file: string, onEvents: (events: EngineEvent[]) => void): () => void {
  let position = 0;
  let rest = Buffer.alloc(0);
  const look = (): void => {
    const added = readFrom(file, position);
    position += added.length;
    rest = Buffer.concat([rest, added]);
    const end = rest.lastIndexOf("\n") + 1;
    const events = parseEvents(rest.subarray(0, end).toString());
    rest = rest.subarray(end);
    if (events.length > 0) onEvents(events);
  };
  const timer = setInterval(look, lookEvery);
  return () => {
    clearInterval(timer);
    look();
  };
}

function readFrom(file: string, position: number): Buffer {
  if (!existsSync(file)) return Buffer.alloc(0);
  const handle = openSync(file, "r");
  try {
    const parts: Buffer[] = [];
    for (let from = position; ;) {
      const part = Buffer.alloc(1 << 20);
      const read = readSync(handle, part, 0, part.length, from);
      if (read === 0) return Buffer.concat(parts);
      parts.push(part.subarray(0, read));
      from += read;
    }
  } finally {
    closeSync(handle);
  }
}
