import { spawn, type ChildProcess } from "node:child_process";
import { join, resolve } from "node:path";
import { Admin } from "../../lab/admin";
import { Cgroups } from "../../lab/hosts/cgroups";
import { labIdentity } from "../../lab/identity";
import { Operator } from "../../lab/operator";
import { clusterProblems } from "../../lab/up";
import { toolchain } from "../../toolchain";

const checkout = resolve(__dirname, "../..");

/** A lab of the tests' own, beside the user's: same code, same commands, another name. */
export class TestLab {
  readonly identity;
  readonly admin: Admin;

  constructor(readonly name: string) {
    this.identity = labIdentity(checkout, name);
    this.admin = new Admin(this.identity);
  }

  get operator(): Operator {
    return new Operator(this.identity, toolchain().binary("kubectl"));
  }

  /** `npm run lab -- <args>`, started but not awaited. A process group of its own, as a shell gives it. */
  start(args: string[]): { child: ChildProcess; ended: Promise<{ code: number; output: string }> } {
    const child = spawn("npm", ["run", "--silent", "lab", "--", ...args], {
      cwd: checkout,
      env: { ...process.env, KUBERNETES_HA_LAB: this.name },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    let output = "";
    const take = (chunk: Buffer): void => {
      output += chunk.toString();
      if (process.env["VERBOSE"]) process.stderr.write(chunk);
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    const ended = new Promise<{ code: number; output: string }>((done, failed) => {
      child.on("error", failed);
      child.on("close", (code) => done({ code: code ?? 128, output }));
    });
    return { child, ended };
  }

  /** `npm run lab -- <args>` to its end. */
  run(...args: string[]): Promise<{ code: number; output: string }> {
    return this.start(args).ended;
  }

  /** A run that must succeed; the whole output is in the error otherwise. */
  async must(...args: string[]): Promise<string> {
    const { code, output } = await this.run(...args);
    if (code !== 0)
      throw new Error(
        `npm run lab -- ${args.join(" ")} ended with ${code}:\n${output.slice(-8000)}`,
      );
    return output;
  }

  /** kubectl that must succeed; its standard output. */
  async kubectl(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.operator.kubectl(args, { timeoutSeconds: 330 });
    if (code !== 0)
      throw new Error(`kubectl ${args.join(" ")} ended with ${code}: ${stderr}${stdout}`);
    return stdout;
  }

  /** Waits until all pods of a workload (`deployment/hello`) are new and available; why they are not is in the error. */
  async rolledOut(workload: string, seconds = 300): Promise<void> {
    try {
      await this.kubectl("rollout", "status", workload, `--timeout=${seconds}s`);
    } catch (error) {
      const problems = await clusterProblems(this.operator, [], true).catch(() => []);
      throw new Error([String(error), ...problems].join("\n  "), { cause: error });
    }
  }

  /** Applies manifests given as objects. */
  async apply(...objects: object[]): Promise<void> {
    const input = JSON.stringify({ apiVersion: "v1", kind: "List", items: objects });
    const { code, stderr } = await this.operator.kubectl(["apply", "-f", "-"], {
      input,
      timeoutSeconds: 180,
    });
    if (code !== 0) throw new Error(`kubectl apply ended with ${code}: ${stderr}`);
  }

  /** A command on a host, as root, that must succeed; its standard output. */
  async onHost(host: string, script: string): Promise<string> {
    const { code, stdout, stderr } = await this.operator.ssh(host, ["sudo", "bash", "-s"], {
      input: script,
      timeoutSeconds: 180,
    });
    if (code !== 0) throw new Error(`on ${host}: ended with ${code}: ${stderr}${stdout}`);
    return stdout;
  }

  /** A file of a running host as the machine below sees it, past everything that may be dead; undefined while the host is off. */
  hostFile(instanceId: string, path: string): string | undefined {
    const pid = new Cgroups(this.identity.cgroup).initPid(instanceId);
    return pid === undefined ? undefined : `/proc/${pid}/root${path}`;
  }

  path(...parts: string[]): string {
    return join(this.identity.dir, ...parts);
  }
}
