import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { inNetns, must, run } from "../process";

/** One line of `ip neigh` as far as it matters. */
export interface Neighbour {
  address: string;
  link: string;
  mac: string;
}

/** Reads a line of `ip monitor neigh` or `ip neigh show`; undefined for removals and entries without a MAC. */
export function parseNeighbour(line: string): Neighbour | undefined {
  const match = /^(\d+\.\d+\.\d+\.\d+) dev (\S+) .*\blladdr (\S+)/.exec(line.trim());
  if (!match) return undefined;
  const [, address, link, mac] = match as unknown as [string, string, string, string];
  return { address, link, mac };
}

/** Reads a line of `ip monitor link`: the name of a host's link that is up, undefined for everything else. */
export function parseLinkUp(line: string): string | undefined {
  return /^\d+: (h-[a-z0-9]+)@?\S*: <[^>]*\bLOWER_UP\b/.exec(line.trim())?.[1];
}

/**
 * Hears gratuitous ARP. The hosts' links accept it (`arp_accept`), so an announcement of an address that was not known on the link becomes a
 * neighbour entry, and the kernel reports that at once. Where the network forgets neighbours each entry heard is deleted, since an announcement that
 * changes nothing is not reported.
 */
export class HaVipWatch {
  private child: ChildProcess | undefined;
  private stopped = false;
  private vips: ReadonlySet<string> = new Set();

  constructor(
    private readonly netns: string,
    private readonly events: {
      /** An address that is listened for was announced on a link. */
      announced: (heard: Neighbour) => void;
      /** A host's link has come up; its host has been started, perhaps by itself. */
      linkUp: (link: string) => void;
    },
    private readonly log: (line: string) => void,
    private readonly forgets: boolean,
  ) {}

  /** Addresses to listen for. What was announced before anybody listened is heard now. */
  expect(vips: string[]): void {
    const added = vips.some((vip) => !this.vips.has(vip));
    this.vips = new Set(vips);
    if (added)
      void this.catchUp().catch((error: unknown) =>
        this.log(`reading neighbours failed: ${String(error)}`),
      );
  }

  async start(): Promise<void> {
    const [file, ...args] = inNetns(this.netns, [
      // Ends with us, whatever ends us.
      ...["setpriv", "--pdeathsig", "TERM", "--"],
      ...["ip", "-oneline", "monitor", "link", "neigh"],
    ]);
    const child = spawn(file as string, args, { stdio: ["ignore", "pipe", "inherit"] });
    this.child = child;
    createInterface({ input: child.stdout }).on("line", (line) => {
      const heard = parseNeighbour(line);
      if (heard) this.hear(heard);
      const link = parseLinkUp(line);
      if (link !== undefined) this.events.linkUp(link);
    });
    child.on("exit", (code, signal) => {
      if (this.stopped || this.child !== child) return;
      this.log(`ip monitor ended (${code ?? signal ?? "unknown"}): started again`);
      setTimeout(() => void this.start(), 1000).unref();
    });
    child.on("error", (error) => this.log(`ip monitor cannot run: ${error.message}`));
    await this.catchUp();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    const { child } = this;
    if (!child || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    await ended;
  }

  /** Oldest first, so that the last announcement wins. */
  private async catchUp(): Promise<void> {
    const { stdout } = await must([
      "ip",
      "-n",
      this.netns,
      "-statistics",
      "-oneline",
      "neigh",
      "show",
    ]);
    const age = (line: string): number => Number(/ used \d+\/\d+\/(\d+)/.exec(line)?.[1] ?? 0);
    for (const line of stdout.split("\n").sort((a, b) => age(b) - age(a))) {
      const heard = parseNeighbour(line);
      if (heard) this.hear(heard);
    }
  }

  private hear(heard: Neighbour): void {
    const { address, link } = heard;
    if (!this.vips.has(address)) return;
    this.events.announced(heard);
    if (!this.forgets) return;
    // It may have been deleted by another announcement, or have gone with its link.
    void run(["ip", "-n", this.netns, "neigh", "del", address, "dev", link]);
  }
}
