/** Says what is going on, with elapsed time, so that nobody wonders whether a long step hangs. */
export class Progress {
  private readonly start = performance.now();

  constructor(
    private readonly write: (line: string) => void = (line) =>
      void process.stderr.write(line + "\n"),
  ) {}

  /** One line, stamped with the time since the command started. */
  say(text: string): void {
    this.write(`[${elapsed(this.start)}] ${text}`);
  }

  /** Runs `work`; announces it, repeats itself every 10 s, and says how long it took if that was over a second. */
  async step<T>(title: string, work: () => Promise<T>): Promise<T> {
    const start = performance.now();
    this.say(title);
    const ticker = setInterval(() => this.say(`${title} … ${elapsed(start)}`), 10_000);
    try {
      const result = await work();
      if (performance.now() - start > 1000) this.say(`${title}: done in ${elapsed(start)}`);
      return result;
    } finally {
      clearInterval(ticker);
    }
  }
}

function elapsed(since: number): string {
  const seconds = Math.round((performance.now() - since) / 1000);
  return seconds < 60
    ? `${seconds}s`
    : `${Math.floor(seconds / 60)}m${String(seconds % 60).padStart(2, "0")}s`;
}
