import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { StackOutputs } from "../operations/access/outputs";
import { openProxy, type Run } from "../operations/access/proxy";
import type { LabIdentity } from "./identity";
import { run, type RunOptions, type RunResult } from "./process";

export type { StackOutputs } from "../operations/access/outputs";

/** The person outside the VPC: comes in by SSH through the bastion's EIP, and reaches the API through it. */
export class Operator {
  /** Directory of the files that people with a real account get from `npm run access`. */
  readonly access: string;
  private readonly outputsFile: string;

  constructor(
    private readonly lab: LabIdentity,
    private readonly kubectlBinary: string,
  ) {
    this.access = join(lab.dir, "access");
    this.outputsFile = join(lab.dir, "outputs.json");
  }

  /** Whether a stack has been brought up far enough to have outputs. */
  get ready(): boolean {
    return existsSync(this.outputsFile);
  }

  get kubeconfig(): string {
    return join(this.access, "kubeconfig");
  }

  get sshConfig(): string {
    return join(this.access, "ssh_config");
  }

  /** Keeps the outputs that the files in {@link access} are made from. */
  remember(outputs: StackOutputs): void {
    writeFileSync(this.outputsFile, JSON.stringify(outputs), { mode: 0o600 });
  }

  /** The outputs remembered last. */
  get outputs(): StackOutputs {
    if (!this.ready) throw new Error("this lab has no cluster yet: run `npm run lab`");
    return JSON.parse(readFileSync(this.outputsFile, "utf8")) as StackOutputs;
  }

  /** `ssh <host> [command]`; the host by its name, or by the end of it when that is unambiguous (`master-1`). */
  ssh(
    host: string,
    command: string[],
    options: Omit<RunOptions, "netns"> = {},
  ): Promise<RunResult> {
    return this.run(["ssh", "-F", this.sshConfig, this.resolveHost(host), ...command], options);
  }

  resolveHost(host: string): string {
    const names = [this.outputs.bastion.name, ...this.outputs.nodes.map(({ name }) => name)];
    if (names.includes(host)) return host;
    const matches = [...new Set(names.filter((name) => name.endsWith(`-${host}`)))];
    if (matches.length === 1) return matches[0] as string;
    throw new Error(`no host is called ${host}; hosts: ${[...new Set(names)].join(", ")}`);
  }

  /** Opens the way that the kubeconfig leads, unless it is open. */
  async openWay(): Promise<void> {
    if (!this.ready) throw new Error("this lab has no cluster yet: run `npm run lab`");
    await openProxy(this.access, (command, limits) => this.run(command, limits));
  }

  /** `kubectl <args>` through the bastion. */
  async kubectl(args: string[], options: Omit<RunOptions, "netns"> = {}): Promise<RunResult> {
    await this.openWay();
    return this.run([this.kubectlBinary, "--kubeconfig", this.kubeconfig, ...args], options);
  }

  /** How `npm run status` asks this cluster's hosts. */
  get way(): { directory: string; run: Run } {
    return { directory: this.access, run: (command, options) => this.run(command, options) };
  }

  private run(command: string[], options: Omit<RunOptions, "netns"> = {}): Promise<RunResult> {
    return run(command, { ...options, netns: this.lab.operatorNetns });
  }
}
