import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { open, rm, type FileHandle } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface RegistryOptions {
  /** Executable of the registry (Debian's docker-registry). */
  program: string;
  /** Its storage directory. */
  storage: string;
  /** Address to listen on. */
  address: string;
  /** Port, 0 for any free one. */
  port: number;
  /** False refuses pushes and deletes. */
  writable: boolean;
  /** File that gets one line a request, Apache combined format; default none. */
  accessLog?: string;
}

export interface Registry {
  /** Where it listens, `address:port`. */
  endpoint: string;
  /** Settles when the process has ended, for whatever reason; never rejects. */
  ended: Promise<string>;
  /** Stops it and waits until it is gone. */
  close(): Promise<void>;
}

/** Configuration of the registry; JSON, which is YAML too. */
export function renderRegistryConfiguration(options: RegistryOptions): string {
  return JSON.stringify({
    version: "0.1",
    log: {
      level: "info",
      formatter: "json",
      accesslog: { disabled: options.accessLog === undefined },
    },
    storage: {
      filesystem: { rootdirectory: options.storage },
      cache: { blobdescriptor: "inmemory" },
      delete: { enabled: true },
      maintenance: {
        uploadpurging: { enabled: false },
        readonly: { enabled: !options.writable },
      },
    },
    http: {
      addr: `${options.address}:${options.port}`,
      secret: "one process, nothing to agree on",
    },
  });
}

/** How long the registry may take from its start until it listens. */
const startLimit = 20_000;
/** How long it may take to stop before it is killed. */
const stopLimit = 5_000;

/**
 * Starts the registry as a child that dies with this process, even if that is killed.
 * @throws Error with what it printed when it does not listen within 20 s
 */
export async function startRegistry(options: RegistryOptions): Promise<Registry> {
  const log = options.accessLog === undefined ? undefined : await open(options.accessLog, "a");
  const configuration = await anonymousFile(renderRegistryConfiguration(options));
  const child = spawn(
    "setpriv",
    ["--pdeathsig", "KILL", "--", options.program, "serve", "/dev/stdin"],
    {
      stdio: [configuration.fd, log?.fd ?? "ignore", "pipe"],
      env: { PATH: process.env["PATH"] ?? "", OTEL_TRACES_EXPORTER: "none" },
    },
  );
  const ended = once(child, "close")
    .then(
      ([code, signal]) => `registry ended with ${String(signal ?? `exit code ${String(code)}`)}`,
    )
    .catch((error: unknown) => `registry could not be started: ${String(error)}`);
  await configuration.close();
  await log?.close();
  try {
    return { endpoint: await listening(child, ended), ended, close: () => stop(child, ended) };
  } catch (error) {
    await stop(child, ended);
    throw error;
  }
}

/** A file that has no name any more: nothing is left behind when this process is killed. The registry takes no configuration from a pipe. */
async function anonymousFile(text: string): Promise<FileHandle> {
  const path = join(tmpdir(), `mirror-registry-${randomUUID()}`);
  const file = await open(path, "wx+", 0o600);
  await rm(path);
  await file.writeFile(text);
  return file;
}

/** Waits for the line in which the registry tells the address it listens on. */
function listening(child: ChildProcess, ended: Promise<string>): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = "";
    let done = false;
    const settle = (act: () => void): void => {
      done = true;
      clearTimeout(timer);
      act();
    };
    const timer = setTimeout(
      () =>
        settle(() => reject(new Error(`registry: not listening after 20 s; it said:\n${said}`))),
      startLimit,
    );
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      if (done) return; // goes on reading, so that the child never blocks on a full pipe
      said += text;
      const endpoint = /listening on ([^\s",]+:\d+)/.exec(said)?.[1];
      if (endpoint !== undefined) settle(() => resolve(endpoint));
    });
    void ended.then((how) => settle(() => reject(new Error(`${how}; it said:\n${said}`))));
  });
}

async function stop(child: ChildProcess, ended: Promise<string>): Promise<void> {
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), stopLimit);
  await ended;
  clearTimeout(timer);
}
