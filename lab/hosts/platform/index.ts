import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { LabIdentity } from "../../identity";
import { inNetns } from "../../process";
import { waitFor } from "../../wait";
import { apiAddress, internetAddress, metadataAddress, storageAddress } from "../addresses";
import type { TargetHealth } from "../loadBalancer";
import type { PrivateZoneSpec } from "../privateZone";
import type { DesiredWorld } from "../types";
import { platformFiles } from "./files";
import type { PlatformState } from "./main";

/** How often the process is asked what its probes have found, and whether it lives. */
const pollMs = 500;

interface Report {
  pid: number;
  targets: TargetHealth[];
}

/** What load balancers and name servers need of the wanted state, and of public names. */
export function platformState(
  desired: DesiredWorld,
  publicNames: readonly string[] = [],
): PlatformState {
  const subnets = desired.hosts.map(({ vpcId, subnetCidr }) => ({ vpcId, cidr: subnetCidr }));
  return {
    loadBalancers: desired.loadBalancers,
    zones: [
      ...desired.privateZones,
      ...ownNames(
        subnets.map(({ vpcId }) => vpcId),
        publicNames,
      ),
    ],
    subnets: [...new Map(subnets.map((each) => [each.cidr, each])).values()],
  };
}

/** Names of what the platform has for instances, and those of the public DNS. A customer's own zone of a longer name goes before. */
function ownNames(vpcIds: readonly string[], publicNames: readonly string[]): PrivateZoneSpec[] {
  const zone = (domain: string, name: string, value: string): PrivateZoneSpec => ({
    ...{ domain, vpcIds: [...new Set(vpcIds)], forward: true },
    records: [{ name, type: "A", value, ttl: 600, weight: 0, mx: 0 }],
  });
  return [
    zone("tencentyun.com", "metadata", metadataAddress),
    zone("myqcloud.com", "*", storageAddress),
    zone("tencentcloudapi.com", "*.internal", apiAddress),
    ...publicNames.map((name) => zone(name, "@", internetAddress)),
  ];
}

/** The world's side of the platform's process (main.ts): starts it when there is something to serve, adopts one that lives. */
export class Platform {
  private readonly files: ReturnType<typeof platformFiles>;
  private state: PlatformState | undefined;
  /** Whether there is anything that only the platform has. */
  private needed = false;
  private found: readonly TargetHealth[] = [];
  private queue: Promise<unknown> = Promise.resolve();
  private watching: AbortController | undefined;

  constructor(
    private readonly lab: Pick<LabIdentity, "dir" | "fabricNetns">,
    private readonly log: (line: string) => void,
    /** What instances may ask for, though nothing that was ordered says so. */
    private readonly asked: {
      /** Names of the public DNS that are resolved. @default none */
      publicNames?: readonly string[];
      /** The cloud's API. @default false */
      api?: boolean;
    } = {},
  ) {
    this.files = platformFiles(lab.dir);
  }

  /** Resolves when it is served so. @throws Error when the process cannot be started or refuses. */
  apply(desired: DesiredWorld): Promise<void> {
    const { publicNames = [], api = false } = this.asked;
    this.state = platformState(desired, publicNames);
    const { loadBalancers, privateZones, hosts } = desired;
    this.needed =
      loadBalancers.length > 0 ||
      privateZones.length > 0 ||
      hosts.some(({ hasRole }) => hasRole === true || publicNames.length > 0 || api);
    return this.serialised(() => this.serve());
  }

  health(): readonly TargetHealth[] {
    return this.found;
  }

  /** Stops looking after the process, which goes on. */
  release(): void {
    this.watching?.abort();
    this.watching = undefined;
  }

  /** Ends the process. */
  async stop(): Promise<void> {
    this.release();
    await this.queue;
    const report = await this.look();
    if (!report) return;
    process.kill(report.pid, "SIGTERM");
    await waitFor({ what: "the platform to end", deadlineSeconds: 60, everyMs: 20 }, async () =>
      (await this.look()) ? undefined : true,
    );
  }

  private async serve(): Promise<void> {
    const { state } = this;
    if (!state) return;
    const alive = await this.look();
    if (!alive && !this.needed) return;
    if (!alive) await this.start();
    this.found = (await this.ask("PUT", "/state", state)).targets;
    if (this.watching) return;
    this.watching = new AbortController();
    void this.watch(this.watching.signal);
  }

  /** Reads what was found, until it is released; a process that is gone is started again. */
  private async watch(signal: AbortSignal): Promise<void> {
    const goesOn = (): Promise<boolean> =>
      delay(pollMs, undefined, { signal, ref: false }).then(
        () => true,
        () => false,
      );
    while (await goesOn()) {
      const report = await this.look();
      if (report) this.found = report.targets;
      else if (!signal.aborted) {
        this.log("the platform's process does not answer: started again");
        await this.serialised(() => this.serve()).catch((error: unknown) =>
          this.log(String(error)),
        );
      }
    }
  }

  private look(): Promise<Report | undefined> {
    return this.ask("GET", "/health").catch(() => undefined);
  }

  private async start(): Promise<void> {
    mkdirSync(this.files.dir, { recursive: true, mode: 0o700 });
    const log = openSync(this.files.log, "a", 0o600);
    const entry = [join(__dirname, "main.ts"), this.lab.dir];
    const [file, ...args] = inNetns(this.lab.fabricNetns, [
      process.execPath,
      "--import",
      require.resolve("tsx"),
      ...entry,
    ]);
    const child = spawn(file as string, args, {
      cwd: "/",
      stdio: ["ignore", log, log],
      detached: true,
    });
    closeSync(log);
    child.unref();
    let ended: string | undefined;
    child.on("error", (error) => (ended = error.message));
    child.on("exit", (code, signal) => (ended = `status ${code ?? signal ?? "unknown"}`));
    const outcome = await waitFor(
      {
        what: `the platform to answer (log: ${this.files.log})`,
        deadlineSeconds: 60,
        everyMs: 100,
      },
      async () => ended ?? ((await this.look()) ? "answers" : undefined),
    );
    if (outcome !== "answers")
      throw new Error(`the platform's process ended (${outcome}): see ${this.files.log}`);
  }

  private ask(method: "GET" | "PUT", path: string, body?: object): Promise<Report> {
    return new Promise((resolve, reject) => {
      const req = request(
        { socketPath: this.files.socket, method, path, timeout: 30_000, agent: false },
        (res) => {
          let text = "";
          res.on("data", (chunk: Buffer) => (text += chunk.toString()));
          res.on("end", () =>
            res.statusCode === 200
              ? resolve(JSON.parse(text) as Report)
              : reject(new Error(`${method} ${path}: ${res.statusCode ?? 0} ${text}`)),
          );
        },
      );
      req.on("timeout", () => req.destroy(new Error(`${method} ${path}: no answer in 30 s`)));
      req.on("error", reject);
      if (body) req.setHeader("content-type", "application/json");
      req.end(body && JSON.stringify(body));
    });
  }

  private serialised<T>(work: () => Promise<T>): Promise<T> {
    const next = this.queue.then(work);
    this.queue = next.catch(() => undefined);
    return next;
  }
}
