import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

/** The most memory that the program had in a run of the engine. */
export class PeakMemory {
  private readonly file: string;

  /** @param dir Where the processes note it. */
  constructor(dir: string) {
    this.file = join(dir, "peak-memory");
  }

  /** Measures the processes that are started meanwhile. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    const options = process.env["NODE_OPTIONS"];
    rmSync(this.file, { force: true });
    process.env["PEAK_MEMORY_FILE"] = this.file;
    process.env["NODE_OPTIONS"] = [options, `--require=${join(__dirname, "peakMemory.cjs")}`]
      .filter(Boolean)
      .join(" ");
    try {
      return await work();
    } finally {
      delete process.env["PEAK_MEMORY_FILE"];
      if (options === undefined) delete process.env["NODE_OPTIONS"];
      else process.env["NODE_OPTIONS"] = options;
    }
  }

  /** @throws Error when no program has ended since. */
  programMiB(): number {
    const lines = existsSync(this.file) ? readFileSync(this.file, "utf8").trim().split("\n") : [];
    if (lines.length === 0) throw new Error(`no program has noted its memory in ${this.file}`);
    return Math.round(Math.max(...lines.map(Number)) / 1024);
  }
}
