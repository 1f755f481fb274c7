import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { LabIdentity } from "./identity";
import { must, run, type RunOptions, type RunResult } from "./process";

/** What the stack tells the operator; the same outputs that a person with a real account works with. */
const outputsSchema = z.object({
  kubeconfig: z.string(),
  sshPrivateKey: z.string(),
  sshUser: z.string(),
  bastion: z.object({ name: z.string(), publicIp: z.string(), hostKey: z.string() }),
  entry: z.object({ kind: z.string(), name: z.string(), address: z.string(), port: z.number() }),
  nodes: z.array(
    z.object({ name: z.string(), role: z.string(), privateIp: z.string(), hostKey: z.string() }),
  ),
  imageRepository: z.string(),
  faultTolerance: z.record(z.string(), z.number()),
});

export type StackOutputs = z.infer<typeof outputsSchema>;

/** Port of the SOCKS proxy; the operator's namespace is the lab's own, so it is always free. */
const socksPort = 1080;

/** The person outside the VPC: comes in by SSH through the bastion's EIP, and reaches the API through it. */
export class Operator {
  private readonly dir: string;

  constructor(
    private readonly lab: LabIdentity,
    private readonly kubectlBinary: string,
  ) {
    this.dir = join(lab.dir, "operator");
  }

  /** Whether a stack has been brought up far enough to have outputs. */
  get ready(): boolean {
    return existsSync(join(this.dir, "outputs.json"));
  }

  get kubeconfig(): string {
    return join(this.dir, "kubeconfig");
  }

  get sshConfig(): string {
    return join(this.dir, "ssh_config");
  }

  /** Writes key, pinned host keys, ssh configuration and kubeconfig from the stack's outputs. */
  learn(outputs: unknown): StackOutputs {
    const known = outputsSchema.parse(outputs);
    mkdirSync(this.dir, { recursive: true, mode: 0o700 });
    const secret = (name: string, text: string): void => {
      writeFileSync(join(this.dir, name), text, { mode: 0o600 });
      chmodSync(join(this.dir, name), 0o600);
    };
    secret("id_ed25519", known.sshPrivateKey.trimEnd() + "\n");
    secret("kubeconfig", known.kubeconfig);
    secret("outputs.json", JSON.stringify(known));
    const hosts = known.nodes.filter(({ role }) => role !== "bastion");
    const { bastion } = known;
    secret(
      "known_hosts",
      [
        `${bastion.name},${bastion.publicIp} ${bastion.hostKey}`,
        ...hosts.map(({ name, privateIp, hostKey }) => `${name},${privateIp} ${hostKey}`),
      ].join("\n") + "\n",
    );
    const common = [
      `  User ${known.sshUser}`,
      `  IdentityFile ${join(this.dir, "id_ed25519")}`,
      "  IdentitiesOnly yes",
      `  UserKnownHostsFile ${join(this.dir, "known_hosts")}`,
      "  StrictHostKeyChecking yes",
      "  ConnectTimeout 10",
      "  LogLevel ERROR",
    ];
    secret(
      "ssh_config",
      [
        `Host ${bastion.name}`,
        `  HostName ${bastion.publicIp}`,
        ...common,
        ...hosts.flatMap(({ name, privateIp }) => [
          `Host ${name}`,
          `  HostName ${privateIp}`,
          `  ProxyJump ${bastion.name}`,
          ...common,
        ]),
      ].join("\n") + "\n",
    );
    return known;
  }

  /** The outputs learnt last. */
  get outputs(): StackOutputs {
    if (!this.ready) throw new Error("this lab has no cluster yet: run `npm run lab`");
    return outputsSchema.parse(JSON.parse(readFileSync(join(this.dir, "outputs.json"), "utf8")));
  }

  /** `ssh <host> [command]`; the host by its name, or by the end of it when that is unambiguous (`master-1`). */
  ssh(
    host: string,
    command: string[],
    options: Omit<RunOptions, "netns"> = {},
  ): Promise<RunResult> {
    return run(["ssh", "-F", this.sshConfig, this.resolveHost(host), ...command], {
      ...options,
      netns: this.lab.operatorNetns,
    });
  }

  resolveHost(host: string): string {
    const names = [this.outputs.bastion.name, ...this.outputs.nodes.map(({ name }) => name)];
    if (names.includes(host)) return host;
    const matches = [...new Set(names.filter((name) => name.endsWith(`-${host}`)))];
    if (matches.length === 1) return matches[0] as string;
    throw new Error(`no host is called ${host}; hosts: ${[...new Set(names)].join(", ")}`);
  }

  /** `kubectl <args>` through the bastion. */
  async kubectl(args: string[], options: Omit<RunOptions, "netns"> = {}): Promise<RunResult> {
    await this.openProxy();
    return run([this.kubectlBinary, "--kubeconfig", this.kubeconfig, ...args], {
      ...options,
      netns: this.lab.operatorNetns,
      env: { HTTPS_PROXY: `socks5://127.0.0.1:${socksPort}`, ...options.env },
    });
  }

  /** A SOCKS proxy through the bastion, opened once and shared by what follows; it ends ten idle minutes later. */
  private async openProxy(): Promise<void> {
    const control = join(this.dir, "control");
    const { bastion } = this.outputs;
    const ssh = ["ssh", "-F", this.sshConfig, "-S", control];
    const check = await run([...ssh, "-O", "check", bastion.name], {
      netns: this.lab.operatorNetns,
    });
    if (check.code === 0) return;
    await must(
      [
        ...ssh,
        ...["-M", "-f", "-N", "-D", `127.0.0.1:${socksPort}`],
        ...["-o", "ControlPersist=600", "-o", "ExitOnForwardFailure=yes"],
        ...["-o", "ServerAliveInterval=5", "-o", "ServerAliveCountMax=2"],
        // ssh in the background keeps its standard error open, which would keep our pipe open.
        ...["-E", join(this.dir, "proxy.log")],
        bastion.name,
      ],
      { netns: this.lab.operatorNetns, timeoutSeconds: 30 },
    );
  }
}
