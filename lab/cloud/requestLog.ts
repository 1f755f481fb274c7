import { createWriteStream, existsSync, renameSync, statSync, type WriteStream } from "node:fs";

/** One API call. Never holds parameters: they may be secret. */
export interface RequestEntry {
  time: string;
  service: string;
  action: string;
  requestId: string;
  /** What the caller says it is: X-TC-RequestClient, or the User-Agent. */
  client: string;
  /** `ok` or the error code. */
  outcome: string;
  ms: number;
}

const keptInMemory = 2000;
const maxFileBytes = 16 * 1024 * 1024;

/** The API log: the last calls in memory, all of them in a file of one JSON object a line. */
export class RequestLog {
  private readonly entries: RequestEntry[] = [];
  private readonly file: WriteStream;

  /** @param path The file; one that has grown too large is moved to `<path>.1` first. */
  constructor(path: string) {
    if (existsSync(path) && statSync(path).size > maxFileBytes) {
      renameSync(path, `${path}.1`);
    }
    this.file = createWriteStream(path, { flags: "a", mode: 0o600 });
    this.file.on("error", (error) => process.stderr.write(`request log: ${error.message}\n`));
  }

  add(entry: RequestEntry): void {
    this.entries.push(entry);
    if (this.entries.length > keptInMemory) {
      this.entries.shift();
    }
    this.file.write(`${JSON.stringify(entry)}\n`);
  }

  /** The last `count` calls, oldest first. */
  last(count: number): RequestEntry[] {
    return this.entries.slice(-count);
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.file.end(resolve));
  }
}
