import { createWriteStream, type WriteStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { finished } from "node:stream/promises";

/** One request as the access log tells it. */
export interface AccessEntry {
  client: string;
  time: Date;
  method: string;
  /** Path and query as they were asked for. */
  path: string;
  status: number;
  /** Bytes of the body that were sent. */
  bytes: number;
  /** User agent, empty when none was named. */
  agent: string;
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun"].concat([
  "Jul",
  "Aug",
  "Sep",
  "Oct",
  "Nov",
  "Dec",
]);

/** One line in Apache's combined format, the one that the registry writes too. */
export function formatEntry(entry: AccessEntry): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const { time } = entry;
  const date = `${two(time.getUTCDate())}/${months[time.getUTCMonth()] ?? ""}/${time.getUTCFullYear()}`;
  const clock = [time.getUTCHours(), time.getUTCMinutes(), time.getUTCSeconds()].map(two).join(":");
  const quoted = (text: string): string => `"${text.replace(/["\\\r\n]/g, "")}"`;
  return (
    `${entry.client} - - [${date}:${clock} +0000] ${quoted(`${entry.method} ${entry.path} HTTP/1.1`)} ` +
    `${entry.status} ${entry.bytes} "" ${quoted(entry.agent)}\n`
  );
}

const linePattern =
  /^(\S+) \S+ \S+ \[(\d+)\/(\w{3})\/(\d+):(\d+):(\d+):(\d+) ([+-]\d{4})\] "(\S+) (\S+) [^"]*" (\d+) (\d+|-) "[^"]*" "([^"]*)"$/;

/** Reads one line; undefined for a line that is not a request. */
export function parseEntry(line: string): AccessEntry | undefined {
  const match = linePattern.exec(line);
  if (!match) return undefined;
  const [, client, day, month, year, hour, minute, second, zone] = match;
  const [, , , , , , , , , method, path, status, bytes, agent] = match;
  return {
    client: (client ?? "").replace(/:\d+$/, ""),
    time: new Date(`${day} ${month} ${year} ${hour}:${minute}:${second} ${zone}`),
    method: method ?? "",
    path: path ?? "",
    status: Number(status),
    bytes: bytes === "-" ? 0 : Number(bytes),
    agent: agent ?? "",
  };
}

/** All requests that a log holds, oldest first; none when there is no log yet. */
export async function readAccessLog(file: string): Promise<AccessEntry[]> {
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  });
  return text.split("\n").flatMap((line) => parseEntry(line) ?? []);
}

/** Appends requests to a file; several processes may append to one. */
export class AccessLog {
  private readonly stream: WriteStream | undefined;

  constructor(file: string | undefined) {
    this.stream = file === undefined ? undefined : createWriteStream(file, { flags: "a" });
  }

  write(entry: AccessEntry): void {
    this.stream?.write(formatEntry(entry));
  }

  /** Settles when all is written. */
  async close(): Promise<void> {
    if (this.stream === undefined) return;
    this.stream.end();
    await finished(this.stream);
  }
}
