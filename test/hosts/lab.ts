import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Cgroups } from "../../lab/hosts/cgroups";
import { ensureImage } from "../../lab/hosts/image";
import { NspawnWorld, type WorldSettings } from "../../lab/hosts/nspawn";
import type { HostSpec, SecurityGroupRule } from "../../lab/hosts/types";
import { labIdentity } from "../../lab/identity";
import { must, run, type RunResult } from "../../lab/process";
import { defaultLabSettings } from "../../lab/settings";
import { waitFor } from "../../lab/wait";

/** A lab of the tests' own, apart from any lab of the checkout. */
export class TestLab {
  readonly id: string;
  readonly dir: string;
  world!: NspawnWorld;
  readonly moves: string[] = [];
  readonly log: string[] = [];
  private readonly cgroups: Cgroups;

  /** @param name One a test file: they may run beside one another, and beside those of another checkout. */
  constructor(
    name: string,
    private readonly settings: WorldSettings = defaultLabSettings,
  ) {
    const { id, dir } = labIdentity(undefined, `hosts-${name}`);
    this.id = id;
    this.dir = dir;
    this.cgroups = new Cgroups(id);
  }

  get operatorNetns(): string {
    return `${this.id}-op`;
  }

  /** A new world on the lab, as after a restart of the daemon. */
  async open(): Promise<NspawnWorld> {
    const { id, dir } = this;
    this.world = new NspawnWorld({
      lab: { id, dir, cgroup: id, operatorNetns: `${id}-op`, fabricNetns: `${id}-vpc` },
      image: await ensureImage(),
      settings: this.settings,
      log: (line) => this.log.push(line),
    });
    this.world.onHaVipMoved((haVipId, instanceId) => this.moves.push(`${haVipId} ${instanceId}`));
    return this.world;
  }

  /**
   * Runs a shell command as root on a host, past its SSH. It sees what the host sees but keeps the caller's capabilities, those a host has not
   * included: what a host may do is only told by `ssh`.
   */
  on(instanceId: string, command: string, timeoutSeconds = 20): Promise<RunResult> {
    return run(
      ["nsenter", `--target=${this.init(instanceId)}`, "--all", "--", "sh", "-c", command],
      {
        timeoutSeconds,
      },
    );
  }

  /** The same, and it must succeed. @returns its output. */
  async mustOn(instanceId: string, command: string): Promise<string> {
    const { code, stdout, stderr } = await this.on(instanceId, command);
    if (code !== 0) throw new Error(`on ${instanceId}: ${command}: ${code} ${stderr} ${stdout}`);
    return stdout.trim();
  }

  /** PID of the host's systemd. */
  init(instanceId: string): number {
    const pid = this.cgroups.initPid(instanceId);
    if (pid === undefined) throw new Error(`${instanceId} is not up`);
    return pid;
  }

  /** Whether a TCP connection from a host is accepted. */
  async dials(instanceId: string, address: string, port: number): Promise<boolean> {
    return (await this.on(instanceId, `nc -z -w 2 ${address} ${port}`)).code === 0;
  }

  async sshUp(instanceId: string): Promise<void> {
    await waitFor(
      { what: `sshd of ${instanceId}`, deadlineSeconds: 90, everyMs: 200 },
      async (seen) => {
        const { code, stdout, stderr } = await this.on(instanceId, "systemctl is-active ssh");
        seen(stdout + stderr);
        return code === 0 ? true : undefined;
      },
    );
  }

  /** SSH as a person would: from the operator's namespace, through the bastion if `via` is given. */
  ssh(
    key: string,
    target: string,
    command: string,
    via?: string,
    input?: string,
  ): Promise<RunResult> {
    const options = [
      "-i",
      key,
      "-o",
      "StrictHostKeyChecking=no",
      "-o",
      "UserKnownHostsFile=/dev/null",
    ];
    options.push("-o", "LogLevel=ERROR", "-o", "ConnectTimeout=10", "-o", "BatchMode=yes");
    // A host that is gone is told from a command that takes long, as installing packages does on a slow host.
    options.push("-o", "ServerAliveInterval=5", "-o", "ServerAliveCountMax=5");
    const proxy = via
      ? ["-o", `ProxyCommand=ssh ${options.join(" ")} -W %h:%p kubernetes@${via}`]
      : [];
    return run(["ssh", ...options, ...proxy, `kubernetes@${target}`, command], {
      netns: this.operatorNetns,
      timeoutSeconds: 240,
      ...(input !== undefined && { input }),
    });
  }
}

/** A person's key and a host key, and the user data that puts both on hosts. */
export class LoginKeys {
  readonly dir = mkdtempSync(join(tmpdir(), "hosts-test-"));

  async make(): Promise<void> {
    for (const name of ["id", "host"])
      await must(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", join(this.dir, name)]);
  }

  get identity(): string {
    return join(this.dir, "id");
  }

  /** `AAAA...` of the host key. */
  get hostKey(): string {
    return this.read("host.pub").split(" ")[1] as string;
  }

  userData(name: string): string {
    return [
      "#cloud-config",
      `hostname: ${name}`,
      "ssh_deletekeys: true",
      "ssh_keys:",
      `  ed25519_private: |\n    ${this.read("host").replaceAll("\n", "\n    ")}`,
      `  ed25519_public: ${this.read("host.pub")}`,
      "users:",
      "  - name: kubernetes",
      '    sudo: "ALL=(ALL) NOPASSWD:ALL"',
      "    shell: /bin/bash",
      `    ssh_authorized_keys: ["${this.read("id.pub")}"]`,
      "runcmd:",
      "  - [touch, /var/tmp/runcmd-ran]",
    ].join("\n");
  }

  remove(): void {
    rmSync(this.dir, { recursive: true, force: true });
  }

  private read(name: string): string {
    return readFileSync(join(this.dir, name), "utf8").trim();
  }
}

export const subnetCidr = "10.20.0.0/24";

export const accept = (rule: Partial<SecurityGroupRule>): SecurityGroupRule => ({
  protocol: "TCP",
  ports: "ALL",
  action: "ACCEPT",
  ...(rule.securityGroupId === undefined && { cidr: "0.0.0.0/0" }),
  ...rule,
});

export function host(name: string, address: string, more: Partial<HostSpec> = {}): HostSpec {
  return {
    instanceId: `ins-${name}`,
    hostName: name,
    uuid: `0a6b1c2d-0000-4000-8000-0000${address
      .split(".")
      .map((octet) => Number(octet).toString(16).padStart(2, "0"))
      .join("")}`,
    zone: "ap-guangzhou-3",
    physicalHost: "host-1",
    cpus: 2,
    memoryMiB: 2048,
    vpcId: "vpc-test0001",
    subnetId: "subnet-test0001",
    privateIp: address,
    subnetCidr,
    publicKeys: [],
    power: "running",
    securityGroupIds: [],
    systemDisk: { diskId: "disk-system", sizeGiB: 20 },
    dataDisks: [],
    ...more,
  };
}
