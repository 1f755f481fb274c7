import { appendFileSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import type { HostSpec } from "../types";
import { SshFaults } from "./faults";
import { MemoryHost, type SshLogEntry } from "./host";
import { loginsOf } from "./logins";

export interface MemorySshOptions {
  /** Directory of the lab: hosts' files go into `hosts/<instance>`, what they were asked into `ssh.jsonl`. */
  dir: string;
  /** Where connections to public addresses arrive: every such address is local here. Default: port 22 of all. */
  listen?: { address: string; port: number };
}

const sshPort = 22;

/**
 * SSH of all instances of the memory backend, in this process. Who dials from outside reaches public addresses only; private ones are
 * reached through a host of the same VPC that forwards (`direct-tcpip`), as a bastion does. Security groups are not looked at.
 * A stopped instance refuses, one whose power was lost, that is frozen or cut off says nothing.
 */
export class MemorySsh {
  readonly faults = new SshFaults();
  private readonly hosts = new Map<string, MemoryHost>();
  private readonly server: Server;
  private readonly silent = new Set<Duplex>();
  private listening: Promise<void> | undefined;

  constructor(private readonly options: MemorySshOptions) {
    this.server = createServer({ noDelay: true }, (socket) => this.fromOutside(socket));
  }

  /** Starts to listen. @throws Error when the port is taken. */
  open(): Promise<void> {
    const { address, port } = this.options.listen ?? { address: "0.0.0.0", port: sshPort };
    return (this.listening ??= new Promise((resolve, reject) => {
      this.server.once("error", reject).listen(port, address, resolve);
    }));
  }

  /** The port it listens on. */
  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Takes over which instances there are and what their power is. */
  converge(specs: readonly HostSpec[]): void {
    const wanted = new Map(specs.map((spec) => [spec.instanceId, spec]));
    const dirs = join(this.options.dir, "hosts");
    mkdirSync(dirs, { recursive: true, mode: 0o700 });
    for (const id of readdirSync(dirs))
      if (!wanted.has(id)) rmSync(join(dirs, id), { recursive: true, force: true });
    for (const [id, host] of this.hosts) {
      const spec = wanted.get(id);
      if (spec !== undefined && answers(spec)) continue;
      host.disconnect();
      if (spec === undefined) this.hosts.delete(id);
    }
    for (const spec of specs) this.take(spec);
  }

  close(): Promise<void> {
    for (const host of this.hosts.values()) host.disconnect();
    for (const stream of this.silent) stream.destroy();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  private take(spec: HostSpec): void {
    const known = this.hosts.get(spec.instanceId);
    if (known !== undefined) {
      known.spec = spec;
      return;
    }
    // Once, as cloud-init does at first boot.
    const logins = loginsOf(spec);
    if (logins === undefined) return;
    this.hosts.set(
      spec.instanceId,
      new MemoryHost(spec, logins, {
        dir: join(this.options.dir, "hosts", spec.instanceId),
        faults: this.faults,
        record: (entry) => this.record(entry),
        dial: (from, address, port, open) => {
          const host = this.find(
            ({ vpcId, privateIp }) => vpcId === from.vpcId && privateIp === address,
          );
          return port === sshPort && host !== undefined && this.connect(host, address, open);
        },
      }),
    );
  }

  private fromOutside(socket: Socket): void {
    const address = socket.localAddress ?? "";
    // A client that goes away before anybody has taken it.
    socket.on("error", () => undefined);
    const host = this.find(({ publicIp }) => publicIp === address);
    if (host === undefined || !this.connect(host, address, () => socket)) socket.resetAndDestroy();
  }

  /** @returns false when the host refuses. */
  private connect(host: MemoryHost, address: string, open: () => Duplex): boolean {
    const { power, hostName } = host.spec;
    if (power === "stopped" || this.faults.unreachable(hostName)) return false;
    const stream = open();
    if (answers(host.spec)) host.accept(stream, address);
    else {
      this.silent.add(stream);
      stream.once("close", () => this.silent.delete(stream)).resume();
    }
    return true;
  }

  private find(is: (spec: HostSpec) => boolean): MemoryHost | undefined {
    return [...this.hosts.values()].find(({ spec }) => is(spec));
  }

  private record(entry: SshLogEntry): void {
    appendFileSync(join(this.options.dir, "ssh.jsonl"), `${JSON.stringify(entry)}\n`, {
      mode: 0o600,
    });
  }
}

const answers = ({ power, linkCut }: HostSpec): boolean => power === "running" && linkCut !== true;
