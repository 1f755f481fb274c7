import { spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { Admin } from "./admin";
import type { Inventory } from "./cloud";
import type { ConfiguredPolicy } from "./cloud/permissions";
import { internetAddress, mirrorAddress } from "./hosts/addresses";
import { ensureNamespaces } from "./hosts/namespaces";
import { LeftoversError, sweep } from "./hosts/leftovers";
import type { LabIdentity } from "./identity";
import { ensureAuthority, internetFiles } from "./internet/certificates";
import { inNetns, must, run } from "./process";
import { assertRoom } from "../toolchain/diskSpace";
import { say } from "../toolchain/progress";
import { keepLabSettings, type LabSettings } from "./settings";
import { waitFor } from "./wait";

/** What real hosts are made from; both are built once and kept in the cache. */
export interface LabMaterial {
  /** Directory of the host image. */
  image: string;
  /** Directory of the mirror's contents. */
  mirror: string;
}

/** Hosts without machines, which take steps and do nothing (lab/hosts/memory): for tests of the engine and for large plans. */
export interface MemoryBackend {
  /** Physical hosts of the cloud. */
  inventory: Inventory;
  /** Range of public addresses. */
  publicRange: string;
  /** What its one caller may do. @default everything */
  policy?: ConfiguredPolicy;
}

/** Life of one lab on this machine: namespaces, mirror, internet and daemon. Hosts are the daemon's. */
export class Lab {
  readonly admin: Admin;

  constructor(readonly identity: LabIdentity) {
    this.admin = new Admin(identity);
  }

  /**
   * Starts what does not run. Safe to call at any moment, after any kind of end of the last lab.
   *
   * @param settings Of a new lab; one that is there already must have been made with the same.
   * @throws Error when it was not.
   */
  async start(
    backend: LabMaterial | MemoryBackend,
    settings: Partial<LabSettings> = {},
  ): Promise<void> {
    const { dir, id } = this.identity;
    if (!existsSync(join(dir, "lab.json"))) {
      // No record of a lab, yet a lab of this id may have died before it wrote one, or after its files were removed by hand.
      const { found, remaining } = await swept(id);
      for (const each of found) say(`cleaned up what a dead lab left: ${each}`);
      if (remaining && inTheWay(remaining)) throw remaining;
      if (remaining) say(`${remaining.message}\nNothing of it is in the way: going on.`);
      rmSync(dir, { recursive: true, force: true });
      mkdirSync(dir, { recursive: true, mode: 0o700 });
      // Whole or not at all: other labs read it.
      writeFileSync(join(dir, "lab.json.new"), JSON.stringify(this.identity), { mode: 0o600 });
      renameSync(join(dir, "lab.json.new"), join(dir, "lab.json"));
    }
    const { internet, offline } = keepLabSettings(dir, settings);
    await this.sweepOrphans();
    await ensureNamespaces(this.identity);
    if ("image" in backend) {
      if (!offline && !(await this.mirrorAlive())) await this.startMirror(backend.mirror);
      if (internet && !(await this.internetAlive())) await this.startInternet(backend.mirror);
      if (!(await this.admin.alive())) {
        assertRoom();
        await this.startDaemon("nspawn", backend.image);
      }
    } else if (!(await this.admin.alive())) await this.startMemory(backend);
  }

  /**
   * Ends everything the lab made and removes its files. Twice is fine.
   *
   * @throws LeftoversError naming what would not go away; all else is gone then.
   */
  async down(): Promise<string[]> {
    const { dir, id } = this.identity;
    const { found, remaining } = await swept(id);
    // Without a record the next start sweeps again, and begins anew.
    rmSync(join(dir, "lab.json"), { force: true });
    if (!remaining || !inTheWay(remaining)) rmSync(dir, { recursive: true, force: true });
    if (remaining) throw remaining;
    return found;
  }

  /**
   * Labs whose checkout is gone can never be brought down by their own command. What of them cannot be removed is told and tried again next
   * time; it is never in this lab's way, since names are a lab's own.
   */
  private async sweepOrphans(): Promise<void> {
    const labs = dirname(this.identity.dir);
    for (const id of readdirSync(labs)) {
      const record = join(labs, id, "lab.json");
      if (id === this.identity.id || !existsSync(record)) continue;
      try {
        const { checkout } = JSON.parse(readFileSync(record, "utf8")) as LabIdentity;
        if (existsSync(checkout)) continue;
        say(`cleaning up the lab of ${checkout}, which is gone`);
        await sweep(id);
        rmSync(join(labs, id), { recursive: true, force: true });
      } catch (error) {
        say(
          `${join(labs, id)} stays, which is not in the way: ${error instanceof Error ? error.message : String(error)}`,
        );
      }
    }
  }

  private async startMirror(contents: string): Promise<void> {
    this.spawn("mirror", this.identity.fabricNetns, [
      "mirror/main.ts",
      "--contents",
      contents,
      "--address",
      mirrorAddress,
    ]);
    await waitFor(
      {
        what: `the mirror to answer (log: ${join(this.identity.dir, "mirror.log")})`,
        deadlineSeconds: 120,
      },
      async (seen) => {
        if (await this.mirrorAlive()) return true;
        seen("no answer");
        return undefined;
      },
    );
  }

  private async mirrorAlive(): Promise<boolean> {
    for (const url of [
      `http://${mirrorAddress}/apt/Packages`,
      `http://${mirrorAddress}:5000/v2/`,
    ]) {
      const { code } = await run(
        ["curl", "--noproxy", "*", "-fsS", "-m", "3", "-o", "/dev/null", url],
        {
          netns: this.identity.fabricNetns,
        },
      );
      if (code !== 0) return false;
    }
    return true;
  }

  private async startInternet(contents: string): Promise<void> {
    const { dir, fabricNetns } = this.identity;
    await ensureAuthority(dir);
    this.spawn("internet", fabricNetns, ["lab/internet/main.ts", dir, contents]);
    await waitFor(
      { what: `the internet to answer (log: ${join(dir, "internet.log")})`, deadlineSeconds: 300 },
      async (seen) => {
        if (await this.internetAlive()) return true;
        seen("no answer");
        return undefined;
      },
    );
  }

  private async internetAlive(): Promise<boolean> {
    const { dir, fabricNetns } = this.identity;
    const name = "registry.k8s.io";
    const { code } = await run(
      [
        ...["curl", "--noproxy", "*", "-fsS", "-m", "3", "-o", "/dev/null"],
        ...["--cacert", internetFiles(dir).authority],
        ...["--resolve", `${name}:443:${internetAddress}`, `https://${name}/v2/`],
      ],
      { netns: fabricNetns },
    );
    return code === 0;
  }

  /** Public addresses are the operator's own then, where the one SSH server of all hosts answers. */
  private async startMemory(backend: MemoryBackend): Promise<void> {
    const { dir, operatorNetns } = this.identity;
    await must(["ip", "route", "replace", "local", backend.publicRange, "dev", "lo"], {
      netns: operatorNetns,
    });
    const settings = join(dir, "memory.json");
    writeFileSync(settings, JSON.stringify(backend), { mode: 0o600 });
    await this.startDaemon("memory", settings);
  }

  private async startDaemon(...backend: ["nspawn" | "memory", string]): Promise<void> {
    const child = this.spawn("daemon", this.identity.operatorNetns, ["lab/daemon.ts", ...backend]);
    const log = join(this.identity.dir, "daemon.log");
    const outcome = await waitFor(
      { what: `the lab's daemon to answer (log: ${log})`, deadlineSeconds: 120 },
      async (seen) => {
        if (await this.admin.alive()) return "answers";
        seen("no answer");
        return child.exitCode === null ? undefined : "ended";
      },
    );
    if (outcome === "ended")
      throw new Error(
        `the lab's daemon ended with ${child.exitCode}; ${log} ends with:\n${readFileSync(log, "utf8").trim().split("\n").slice(-8).join("\n")}`,
      );
  }

  /** A process that outlives us, in a namespace of the lab, its output in a log of the lab. */
  private spawn(name: string, netns: string, entry: string[]): ReturnType<typeof spawn> {
    const log = openSync(join(this.identity.dir, `${name}.log`), "a", 0o600);
    const [file, ...args] = inNetns(netns, [process.execPath, "--import", "tsx", ...entry]);
    const child = spawn(file as string, args, {
      cwd: this.identity.checkout,
      env: { ...process.env, KUBERNETES_HA_LAB: this.identity.name },
      stdio: ["ignore", log, log],
      detached: true,
    });
    child.unref();
    return child;
  }
}

const inTheWay = ({ remaining }: LeftoversError): boolean =>
  remaining.some((each) => each.inTheWay);

/** What a sweep found, and why not all of it is gone. */
async function swept(id: string): Promise<{ found: string[]; remaining?: LeftoversError }> {
  try {
    return { found: await sweep(id) };
  } catch (error) {
    if (!(error instanceof LeftoversError)) throw error;
    return { found: error.found, remaining: error };
  }
}
