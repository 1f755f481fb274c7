/** Work shorter than this many milliseconds is not worth a line. */
const quietFor = 5_000;
/** Milliseconds between two lines of a log, and two drawings on a terminal. */
const repeatEvery = 15_000;
const redrawEvery = 1_000;

const started = performance.now();

/** Where people watch: what is under way is then one line at the foot of it, drawn anew, and no line of its own each time. */
const watched = (): boolean => process.stderr.isTTY;

/** What is under way, by what tells of it. */
const underWay = new Set<() => string>();

/** One line to people, with the time since the process began. */
export function say(text: string): void {
  above(() => process.stderr.write(`[${duration(performance.now() - started)}] ${text}\n`));
}

/** Writes whole lines, whatever stands at the foot of the terminal. */
export function above(write: () => void): void {
  if (underWay.size === 0 || !watched()) {
    write();
    return;
  }
  process.stderr.write(clearLine);
  write();
  draw();
}

const clearLine = "\r\u001b[K";

function draw(): void {
  const text = [...underWay].map((line) => line()).join(" · ");
  // A line that is wrapped cannot be drawn over.
  process.stderr.write(`${clearLine}${text.slice(0, (process.stderr.columns || 80) - 1)}`);
}

/** `75 s` is `1m15s`. */
export function duration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  return seconds < 60
    ? `${seconds}s`
    : `${Math.floor(seconds / 60)}m${String(seconds % 60).padStart(2, "0")}s`;
}

/**
 * Runs `work` and, once it takes over 5 s, tells how it goes: at the foot of a terminal each second, in a log every 15 s.
 *
 * @param line How it goes, as text of one line.
 * @returns what `work` does, and whether anything was told.
 */
export async function watching<T>(
  line: () => string,
  work: () => Promise<T>,
): Promise<{ result: T; told: boolean }> {
  const told = { once: false };
  let ticker: NodeJS.Timeout | undefined;
  const tell = (): void => {
    told.once = true;
    if (watched()) draw();
    else say(line());
  };
  const first = setTimeout(() => {
    underWay.add(line);
    tell();
    ticker = setInterval(tell, watched() ? redrawEvery : repeatEvery);
  }, quietFor);
  try {
    const result = await work();
    return { result, told: told.once };
  } finally {
    clearTimeout(first);
    clearInterval(ticker);
    underWay.delete(line);
    if (told.once && watched()) process.stderr.write(clearLine);
  }
}

/** Runs `work` and says what it is and how long it has taken once it takes over 5 s, and at its end. */
export async function step<T>(title: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const taken = (): string => duration(performance.now() - start);
  const { result, told } = await watching(() => `${title} … ${taken()}`, work);
  if (told) say(`${title}: done in ${taken()}`);
  return result;
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
