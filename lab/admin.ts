import { request } from "node:http";
import { join } from "node:path";
import type { SshFault } from "./hosts/memory/faults";
import type { LabIdentity } from "./identity";

/** Where one instance runs, as only the lab's admin port tells; a real cloud hides it. */
export interface Placement {
  instanceId: string;
  name: string;
  privateIp: string;
  publicIp?: string;
  physicalHost: string;
  rack: string;
  switch: string;
  zone: string;
  group?: string;
  power: string;
  /** `cut` while nothing passes between it and the network. */
  link: "up" | "cut";
}

export interface PhysicalHost {
  name: string;
  zone: string;
  power: string;
  instances: string[];
}

/** Client of the daemon's admin port, over its unix socket: works from any network namespace. */
export class Admin {
  constructor(private readonly lab: Pick<LabIdentity, "dir">) {}

  /** True when a daemon answers. */
  async alive(): Promise<boolean> {
    try {
      await this.call("GET", "/healthz");
      return true;
    } catch {
      return false;
    }
  }

  placement(): Promise<Placement[]> {
    return this.call("GET", "/placement") as Promise<Placement[]>;
  }

  hosts(): Promise<PhysicalHost[]> {
    return this.call("GET", "/hosts") as Promise<PhysicalHost[]>;
  }

  /** @param name number from 1, or name, of a rack, switch or zone: all its physical hosts. */
  async domain(
    kind: "racks" | "switches" | "zones",
    name: string,
    action: "kill" | "start" | "cut" | "mend",
  ): Promise<void> {
    await this.call("POST", `/${kind}/${encodeURIComponent(name)}/${action}`);
  }

  /** @param host number from 1, or name, of a physical host. */
  async power(host: string, action: "kill" | "start"): Promise<void> {
    await this.call("POST", `/hosts/${encodeURIComponent(host)}/${action}`);
  }

  async instance(
    instanceId: string,
    action: "kill" | "start" | "freeze" | "thaw" | "cut" | "mend" | "reclaim",
  ): Promise<void> {
    await this.call("POST", `/instances/${instanceId}/${action}`);
  }

  async all(action: "stop" | "start"): Promise<void> {
    await this.call("POST", `/all/${action}`);
  }

  /** Ids of all that exists in the cloud, by kind. */
  resources(): Promise<Record<string, string[]>> {
    return this.call("GET", "/resources") as Promise<Record<string, string[]>>;
  }

  /** Orders that the next calls of an action (`*` = any) fail. */
  async failAction(fault: { action: string; code: string; times?: number }): Promise<void> {
    await this.call("POST", "/faults", fault);
  }

  /** Orders that a host of the memory backend fails; see lab/hosts/memory/faults.ts. */
  async failHost(fault: Partial<SshFault> & { host: string }): Promise<void> {
    await this.call("POST", "/ssh-faults", fault);
  }

  /** @throws Error with the daemon's own words when it refuses, or saying that none answers. */
  call(
    method: "GET" | "POST" | "DELETE",
    path: string,
    body?: object,
    timeoutMs = 120_000,
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const req = request(
        { socketPath: join(this.lab.dir, "admin.sock"), method, path, timeout: timeoutMs },
        (res) => {
          let body = "";
          res.on("data", (chunk: Buffer) => (body += chunk.toString()));
          res.on("end", () => {
            if ((res.statusCode ?? 500) >= 400)
              reject(
                new Error(refusal(body) ?? `${method} ${path}: ${res.statusCode ?? 0} ${body}`),
              );
            else
              try {
                resolve(body === "" ? undefined : JSON.parse(body));
              } catch {
                resolve(body);
              }
          });
        },
      );
      req.on("timeout", () =>
        req.destroy(new Error(`${method} ${path}: no answer in ${timeoutMs} ms`)),
      );
      req.on("error", (error: NodeJS.ErrnoException) =>
        reject(
          nobody.has(error.code) ? new Error(noDaemon(this.lab.dir), { cause: error }) : error,
        ),
      );
      req.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
}

/** Codes of a connection to a socket that is not there, or that nobody listens on. */
const nobody: ReadonlySet<string | undefined> = new Set(["ENOENT", "ECONNREFUSED"]);

const noDaemon = (dir: string): string =>
  `the lab's cloud does not answer: \`npm run lab\` starts it (log: ${join(dir, "daemon.log")})`;

/** The daemon's words in the body of an error, if it has any. */
function refusal(body: string): string | undefined {
  try {
    const { error } = JSON.parse(body) as { error?: unknown };
    return typeof error === "string" ? error : undefined;
  } catch {
    return undefined;
  }
}
