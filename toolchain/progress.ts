/** Steps shorter than this many milliseconds are not worth a line. */
const quietFor = 5_000;
const repeatEvery = 15_000;

const started = performance.now();

/** One line to people, with the time since the process began. */
export function say(text: string): void {
  process.stderr.write(`[${duration(performance.now() - started)}] ${text}\n`);
}

/** `75 s` is `1m15s`. */
export function duration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  return seconds < 60
    ? `${seconds}s`
    : `${Math.floor(seconds / 60)}m${String(seconds % 60).padStart(2, "0")}s`;
}

/** Runs `work` and says what it is and how long it has taken once it takes over 5 s, then every 15 s, then at its end. */
export async function step<T>(title: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const told = { once: false };
  const tell = (): void => {
    told.once = true;
    say(`${title} … ${duration(performance.now() - start)}`);
  };
  const first = setTimeout(tell, quietFor);
  const ticker = setInterval(tell, repeatEvery);
  try {
    const result = await work();
    if (told.once) say(`${title}: done in ${duration(performance.now() - start)}`);
    return result;
  } finally {
    clearTimeout(first);
    clearInterval(ticker);
  }
}

/** Runs `work` over all items, at most `width` at a time; the first failure is thrown when those under way have ended. */
export async function parallel<T>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = [...items];
  const failures: unknown[] = [];
  const worker = async (): Promise<void> => {
    for (
      let item = queue.shift();
      item !== undefined && failures.length === 0;
      item = queue.shift()
    )
      await work(item).catch((failure: unknown) => failures.push(failure));
  };
  await Promise.all(Array.from({ length: Math.max(1, width) }, worker));
  if (failures.length > 0) throw failures[0];
}
