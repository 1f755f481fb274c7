/** What the page is told as it happens: each kind of message by its name, with the data of the last one for those who come later. */
export class Feed {
  private readonly listeners = new Set<Listener>();
  private readonly last = new Map<string, unknown>();
  private readonly past: LogLine[] = [];

  /** @param kept Whether it is the state of something, which newcomers are told as well. */
  tell(kind: string, data: unknown, kept = true): void {
    if (kept) this.last.set(kind, data);
    for (const listener of this.listeners) listener(kind, data);
  }

  /** Something that happened, for the line of time and the list below it. */
  log(what: string, at = Date.now()): void {
    this.past.push({ at, what });
    this.past.splice(0, this.past.length - 200);
    this.tell("event", { at, what }, false);
  }

  /** @returns what ends it. */
  listen(listener: Listener): () => void {
    for (const [kind, data] of this.last) listener(kind, data);
    for (const line of this.past) listener("event", line);
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}

type Listener = (kind: string, data: unknown) => void;

interface LogLine {
  /** Milliseconds since the epoch. */
  at: number;
  what: string;
}
