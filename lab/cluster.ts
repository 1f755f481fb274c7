import { toolchain } from "../toolchain";
import { Admin } from "./admin";
import { Cgroups } from "./hosts/cgroups";
import type { LabIdentity } from "./identity";
import { Operator } from "./operator";
import type { RunOptions, RunResult } from "./process";
import { clusterProblems } from "./up";
import { waitFor } from "./wait";

/** What ssh says when it gave up before anything was run. */
const tooSlow = /timed out during banner exchange/;

/**
 * What a request is answered that broke with the part it went through. An apiserver keeps a connection to an etcd member for each type of resource, so
 * after a dead member is back each of them may still answer so once.
 */
const broke =
  /Error from server \((?:InternalError|Timeout|ServiceUnavailable)\)|rpc error: code = Unavailable|etcdserver: |Unable to connect to the server|: (?:unexpected )?EOF\s*$|connection reset by peer/;

/** The cluster of a lab that is up, for programs: every call succeeds or throws with what was said. */
export class LabCluster {
  readonly admin: Admin;

  constructor(readonly identity: LabIdentity) {
    this.admin = new Admin(identity);
  }

  get operator(): Operator {
    return new Operator(this.identity, toolchain().binary("kubectl"));
  }

  /** @returns what `kubectl <args>` printed. It is asked again for a minute while what it goes through breaks under it. */
  async kubectl(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.ask(args, { timeoutSeconds: 330 });
    if (code !== 0)
      throw new Error(`kubectl ${args.join(" ")} ended with ${code}: ${stderr}${stdout}`);
    return stdout;
  }

  private ask(args: string[], options: Omit<RunOptions, "netns">): Promise<RunResult> {
    const what = `an answer to kubectl ${args.join(" ")}`;
    return waitFor({ what, deadlineSeconds: 60 }, async (seen) => {
      const result = await this.operator.kubectl(args, options);
      if (result.code === 0 || !broke.test(result.stderr)) return result;
      seen(result.stderr);
      return undefined;
    });
  }

  /** Waits until all pods of a workload (`deployment/hello`) are new and available; why they are not is in the error. */
  async rolledOut(workload: string, { seconds = 300, namespace = "default" } = {}): Promise<void> {
    try {
      const timeout = `--timeout=${seconds}s`;
      await this.kubectl("rollout", "status", workload, "--namespace", namespace, timeout);
    } catch (error) {
      const problems = await clusterProblems(this.operator, [], true).catch(() => []);
      throw new Error([String(error), ...problems].join("\n  "), { cause: error });
    }
  }

  /** Applies manifests given as objects. */
  async apply(...objects: object[]): Promise<void> {
    const input = JSON.stringify({ apiVersion: "v1", kind: "List", items: objects });
    const { code, stderr } = await this.ask(["apply", "-f", "-"], {
      input,
      timeoutSeconds: 180,
    });
    if (code !== 0) throw new Error(`kubectl apply ended with ${code}: ${stderr}`);
  }

  /** @returns what a script printed that root ran on a host. A login that a busy machine was too slow for is tried again. */
  async onHost(host: string, script: string): Promise<string> {
    for (let tries = 1; ; tries++) {
      const { code, stdout, stderr } = await this.operator.ssh(host, ["sudo", "bash", "-s"], {
        input: script,
        timeoutSeconds: 180,
      });
      if (code === 0) return stdout;
      if (code === 255 && tries < 3 && tooSlow.test(stderr)) continue;
      throw new Error(`on ${host}: ended with ${code}: ${stderr}${stdout}`);
    }
  }

  /** A file of a running host as the machine below sees it, past everything that may be dead; undefined while the host is off. */
  hostFile(instanceId: string, path: string): string | undefined {
    const pid = new Cgroups(this.identity.cgroup).initPid(instanceId);
    return pid === undefined ? undefined : `/proc/${pid}/root${path}`;
  }
}
