import { mkdirSync } from "node:fs";
import type { Socket } from "node:net";
import { join, resolve } from "node:path/posix";
import type { Duplex } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { Server, utils, type Connection, type ServerChannel, type Session } from "ssh2";
import type { HostSpec } from "../types";
import type { SshFaults } from "./faults";
import { serveFiles } from "./files";
import { opens, type Logins } from "./logins";
import { runStep, type Ended } from "./step";

/** One thing a host was asked to do: a command, or `copy <path>` for a file that was sent. */
export interface SshLogEntry {
  /** Name of the host. */
  host: string;
  /** Address it was dialled at. */
  address: string;
  user: string;
  command: string;
  /** Size of the command's standard input, or of the file. */
  stdinBytes: number;
  /** ISO 8601. */
  at: string;
}

/** What a host needs of the world around it. */
export interface Surroundings {
  /** Directory of the host's files on this machine. */
  dir: string;
  faults: SshFaults;
  record(entry: SshLogEntry): void;
  /** Connects to a port of an address in the VPC of `from`. @returns false when nobody answers there. */
  dial(from: HostSpec, address: string, port: number, open: () => Duplex): boolean;
}

const { STATUS_CODE } = utils.sftp;

/**
 * Ciphers of Node's own OpenSSL. ssh2's chacha20-poly1305 needs its native addon, which is built for the Node.js that ran `npm ci` and loads in no
 * other major version; without it packets come out short ("incomplete message").
 */
const algorithms = {
  cipher: ["aes256-gcm@openssh.com" as const, "aes128-gcm@openssh.com" as const],
};

/** The SSH server of one instance. Its files are on disk, so that they outlive this process as a real host's do. */
export class MemoryHost {
  /** One for each address it is dialled at: a connection does not tell. */
  private readonly servers = new Map<string, Server>();
  private readonly streams = new Set<Duplex>();

  /**
   * @param spec What the instance is now; the owner keeps it up to date.
   * @param logins What its first boot made of it.
   */
  constructor(
    public spec: HostSpec,
    private readonly logins: Logins,
    private readonly around: Surroundings,
  ) {}

  /** Takes a connection to port 22, made to `address`. */
  accept(stream: Duplex, address: string): void {
    this.streams.add(stream);
    stream.once("close", () => this.streams.delete(stream));
    // ssh2 asks nothing of a socket that another stream does not have.
    this.serverAt(address).injectSocket(stream as unknown as Socket);
  }

  /** Breaks all connections, as they break when power goes. */
  disconnect(): void {
    for (const stream of this.streams) stream.destroy();
  }

  private serverAt(address: string): Server {
    const known = this.servers.get(address);
    if (known !== undefined) return known;
    const server = new Server({ hostKeys: [this.logins.hostKey], algorithms }, (connection) =>
      this.serve(connection, address),
    );
    this.servers.set(address, server);
    return server;
  }

  private serve(connection: Connection, address: string): void {
    let user = "";
    // A client that goes away, whatever it was doing.
    connection.on("error", () => undefined);
    connection.on("authentication", (asked) => {
      if (asked.method === "publickey" && opens(this.logins, asked)) {
        user = asked.username;
        asked.accept();
      } else asked.reject(["publickey"]);
    });
    connection.on("session", (accept) => this.session(accept(), connection, { user, address }));
    connection.on("tcpip", (accept, reject, { destIP, destPort }) => {
      if (!this.around.dial(this.spec, destIP, destPort, accept)) reject();
    });
  }

  private session(
    session: Session,
    connection: Connection,
    at: Pick<SshLogEntry, "user" | "address">,
  ): void {
    const root = join(this.around.dir, "root");
    const home = join(root, "home", at.user);
    const fileAt = (path: string): string => join(root, resolve(join("/home", at.user), path));
    mkdirSync(home, { recursive: true, mode: 0o700 });

    session.on("exec", (accept, _reject, { command }) => {
      const channel = accept();
      const read: Buffer[] = [];
      channel.on("data", (chunk: Buffer) => read.push(chunk));
      // A connection that breaks before gives no end: nothing runs then.
      channel.once("end", () => {
        const stdin = Buffer.concat(read);
        void this.carryOut(command, stdin.length, connection, at, () =>
          runStep(command, stdin, fileAt),
        ).then((ended) => finish(channel, ended));
      });
    });
    session.on("sftp", (accept) =>
      serveFiles(accept(), fileAt, async (path, bytes) => {
        const { code } = await this.carryOut(`copy ${path}`, bytes, connection, at);
        return code === 0 ? STATUS_CODE.OK : STATUS_CODE.FAILURE;
      }),
    );
  }

  /** Records a command, and lets it end as ordered, or by itself. */
  private async carryOut(
    command: string,
    stdinBytes: number,
    connection: Connection,
    at: Pick<SshLogEntry, "user" | "address">,
    work: () => Ended = () => ({ code: 0, stderr: "" }),
  ): Promise<Ended> {
    const { around, spec } = this;
    const host = spec.hostName;
    around.record({ host, ...at, command, stdinBytes, at: new Date().toISOString() });
    const fault = around.faults.forCommand(host, command);
    if (fault?.delayMs !== undefined) await delay(fault.delayMs, undefined, { ref: false });
    if (fault?.disconnect) connection.end();
    return fault?.exitCode === undefined
      ? work()
      : { code: fault.exitCode, stderr: `${fault.stderr ?? "failed as ordered by the lab"}\n` };
  }
}

function finish(channel: ServerChannel, { code, stderr }: Ended): void {
  // The client may be gone.
  if (!channel.writable) return;
  channel.stderr.write(stderr);
  channel.exit(code);
  channel.end();
}
