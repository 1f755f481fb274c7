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

  path(...parts: string[]): string {
    return join(this.identity.dir, ...parts);
  }
}
