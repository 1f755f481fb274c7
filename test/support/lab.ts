import { spawn, type ChildProcess } from "node:child_process";
import { join, resolve } from "node:path";
import { LabCluster } from "../../lab/cluster";
import { labIdentity } from "../../lab/identity";

const checkout = resolve(__dirname, "../..");

/** A lab of the tests' own, beside the user's: same code, same commands, another name. */
export class TestLab extends LabCluster {
  constructor(readonly name: string) {
    super(labIdentity(checkout, name));
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

  /** Id of the instance of a host. */
  async idOf(host: string): Promise<string> {
    const row = (await this.admin.placement()).find(({ name }) => name === host);
    if (row === undefined) throw new Error(`no host is called ${host}`);
    return row.instanceId;
  }

  /** What a command on a host said, and ended with. */
  ended(host: string, command: string): Promise<string> {
    return this.onHost(host, `(${command}) 2>&1; echo "ended with $?"`);
  }

  /** Puts a file on a host. */
  async put(host: string, path: string, content: Buffer): Promise<void> {
    const { code, stderr } = await this.operator.ssh(
      host,
      ["sudo", "bash", "-c", `'base64 -d >${path}'`],
      { input: content.toString("base64"), timeoutSeconds: 180 },
    );
    if (code !== 0) throw new Error(`${path} on ${host}: ${stderr}`);
  }

  path(...parts: string[]): string {
    return join(this.identity.dir, ...parts);
  }
}
