import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Engine } from "../../../lab/engine";
import { operatorAddress } from "../../../lab/hosts/addresses";
import { labIdentity } from "../../../lab/identity";
import { Lab } from "../../../lab/lab";
import { ensureEverything } from "../../../lab/material";
import { inNetns, must, run, type RunResult } from "../../../lab/process";
import { waitFor } from "../../../lab/wait";
import { deployNode } from "./given";

const checkout = join(__dirname, "../../..");

/** Shown while a test runs, with VERBOSE=1. */
const shown = process.env["VERBOSE"] ? "inherit" : "capture";

/** A lab whose VPC has all it needs in itself, and in it a deploy node that somebody has made before. */
export class OfflineLab {
  readonly identity = labIdentity(checkout, "offline");
  private readonly lab = new Lab(this.identity);
  /** Files that are carried to the site, and the key of who carries them. */
  readonly luggage = join(this.identity.dir, "luggage");

  /** Cloud and deploy node, from nothing. @returns the VPC that is there. */
  async start(): Promise<{ vpcId: string; instanceId: string }> {
    await this.lab.down();
    const { material } = await ensureEverything();
    await this.lab.start(material, { offline: true });
    mkdirSync(this.luggage, { recursive: true });
    await must(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", this.key]);
    const publicKey = readFileSync(`${this.key}.pub`, "utf8").trim();
    const made = await this.asOperator("test/offline/support/site.ts", publicKey);
    await waitFor(
      { what: "the deploy node to be logged in to", deadlineSeconds: 120 },
      async (seen) => {
        const { code, stderr } = await this.onNode("true");
        seen(stderr);
        return code === 0 ? true : undefined;
      },
    );
    return JSON.parse(made) as { vpcId: string; instanceId: string };
  }

  async down(): Promise<void> {
    await this.lab.down();
    rmSync(this.luggage, { recursive: true, force: true });
  }

  get key(): string {
    return join(this.luggage, "key");
  }

  /** Runs a program of the checkout where the cloud's API is reached from outside. @returns what it printed. */
  async asOperator(entry: string, ...args: string[]): Promise<string> {
    const environment = new Engine(this.identity, {}).environment();
    const command = [process.execPath, "--import", "tsx", entry, ...args];
    const netns = this.identity.operatorNetns;
    return (await must(command, { netns, cwd: checkout, env: environment })).stdout;
  }

  /** Has somebody outside of the VPC answer on a port, as a server in the internet would, until the test ends. */
  async serveOutside(port: number): Promise<{ dials(): Promise<boolean>; end(): void }> {
    const { operatorNetns, fabricNetns } = this.identity;
    const server = ["python3", "-m", "http.server", String(port), "--bind", operatorAddress];
    const [program = "", ...args] = inNetns(operatorNetns, server);
    const child = spawn(program, args, { stdio: "ignore" });
    const url = `http://${operatorAddress}:${port}/`;
    await waitFor({ what: `an answer from ${url}`, deadlineSeconds: 30 }, async (seen) => {
      const { code, stderr } = await run(["curl", "-fsS", "-m", "3", "-o", "/dev/null", url], {
        netns: fabricNetns,
      });
      seen(stderr);
      return code === 0 ? true : undefined;
    });
    return { dials: () => this.dials(operatorAddress, port), end: () => void child.kill() };
  }

  /** Whether a TCP connection from the deploy node is accepted. */
  async dials(address: string, port: number): Promise<boolean> {
    return (await this.onNode(`timeout 3 bash -c '</dev/tcp/${address}/${port}'`)).code === 0;
  }

  /** Runs a command on the deploy node, as root in a login shell. Its people come in over a line of their own: not through the public internet. */
  onNode(command: string, input = "", timeoutSeconds = 60): Promise<RunResult> {
    const login = ["ssh", ...this.sshOptions, `${deployNode.user}@${deployNode.address}`];
    return run([...login, "sudo", "-i", "bash", "-c", quoted(command)], {
      ...{ netns: this.identity.fabricNetns, input, timeoutSeconds },
    });
  }

  /** The same, and it must succeed. @returns what it printed. */
  async mustOnNode(command: string, { input = "", timeoutSeconds = 60 } = {}): Promise<string> {
    const { code, stdout, stderr } = await this.onNode(command, input, timeoutSeconds);
    if (shown === "inherit") process.stderr.write(stdout + stderr);
    if (code !== 0)
      throw new Error(
        `${command} ended with ${code}:\n${stdout.slice(-6000)}\n${stderr.slice(-6000)}`,
      );
    return stdout;
  }

  /** Copies files to the deploy node. */
  async carry(...files: string[]): Promise<void> {
    await must(["scp", ...this.sshOptions, ...files, `${deployNode.user}@${deployNode.address}:`], {
      netns: this.identity.fabricNetns,
      timeoutSeconds: 300,
    });
  }

  private get sshOptions(): string[] {
    const options = ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR"];
    return ["-i", this.key, ...["ConnectTimeout=5", ...options].flatMap((each) => ["-o", each])];
  }
}

/** As one word of the shell that ssh gives it to. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
