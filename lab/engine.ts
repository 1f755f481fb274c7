import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse, stringify } from "yaml";
import { type EngineEvent, followEvents, parseEvents } from "./engineEvents";
import { cacheRoot, type LabIdentity } from "./identity";
import { inNetns, must, run, type RunOptions, type RunResult } from "./process";
import { runShown, type ShownOptions } from "./shown";

/** Credentials of the made-up account; the local cloud verifies signatures made with them. */
export const credentials = {
  secretId: "AKIDlab0000000000000000000000000000",
  secretKey: "lab-secret-key-0000000000000000",
};

/** Suffix of the local cloud's host names: never resolved, since every call goes through HTTP_PROXY. */
export const cloudDomain = "tencentcloudapi.lab.test";

const stack = "lab";

/** Flags of `pulumi` whose value is a file or directory. */
const fileFlags =
  /^--(config-file|event-log|file|import-file|out|plan|policy-pack|policy-pack-config|save-plan)$/;

/** `pulumi`'s arguments with the files they name made independent of the directory it runs in. Pure. */
export function absoluteFiles(args: readonly string[], from: string): string[] {
  return args.map((arg, index) => {
    if (fileFlags.test(args[index - 1] ?? "")) return resolve(from, arg);
    const [, flag = "", value = ""] = /^(--[a-z-]+)=(.*)$/s.exec(arg) ?? [];
    return fileFlags.test(flag) ? `${flag}=${resolve(from, value)}` : arg;
  });
}

/** The Pulumi engine as a person outside the VPC runs it: real CLI, real provider, in the operator's network namespace. */
export class Engine {
  private readonly project: string;
  private readonly state: string;
  private readonly passphraseFile: string;
  private readonly temporary: string;

  /** @param toolchainEnv PATH, PULUMI_HOME and what else the toolchain wants set. */
  constructor(
    private readonly lab: LabIdentity,
    private readonly toolchainEnv: Record<string, string>,
  ) {
    this.project = join(lab.dir, "project");
    this.state = join(lab.dir, "pulumi-state");
    this.temporary = join(lab.dir, "tmp");
    this.passphraseFile = join(lab.dir, "passphrase");
  }

  /** The last `up`'s events, one JSON object a line, as the engine itself logs them. */
  get eventLog(): string {
    return join(this.lab.dir, "events.json");
  }

  /** What the last `up` changed, by its event log: `create command:remote:Command lab-etcd-1-etcd`, nothing for what stayed the same. */
  changes(): string[] {
    return parseEvents(readFileSync(this.eventLog, "utf8"))
      .flatMap(({ resourcePreEvent }) => (resourcePreEvent ? [resourcePreEvent.metadata] : []))
      .filter(({ op }) => op !== "same" && op !== "read")
      .map(({ op, urn }) => `${op} ${urn.split("::").slice(-2).join(" ")}`);
  }

  /** Whether a stack was ever made in this lab. */
  get exists(): boolean {
    return existsSync(join(this.project, `Pulumi.${stack}.yaml`));
  }

  /**
   * Makes the stack if it is not there and brings its configuration up to date with `config`, by default the checkout's Pulumi.lab.yaml.
   * The engine gets a copy, so that the stack's encryption salt does not land in the checkout.
   *
   * @returns whether the stack was made: then no run of it can have left anything.
   */
  async prepare(config = join(this.lab.checkout, `Pulumi.${stack}.yaml`)): Promise<boolean> {
    mkdirSync(this.project, { recursive: true, mode: 0o700 });
    mkdirSync(this.state, { recursive: true, mode: 0o700 });
    mkdirSync(this.temporary, { recursive: true, mode: 0o700 });
    if (!existsSync(this.passphraseFile))
      writeFileSync(this.passphraseFile, randomBytes(24).toString("base64url"), { mode: 0o600 });
    this.writeProject();
    const copy = this.configFile;
    const isNew = !existsSync(copy);
    if (isNew)
      await must(["pulumi", "stack", "init", stack, "--non-interactive"], {
        ...this.runOptions(),
        cwd: this.project,
      });
    const wanted = parse(readFileSync(config, "utf8")) as object;
    const { encryptionsalt } = parse(readFileSync(copy, "utf8")) as { encryptionsalt: string };
    writeFileSync(copy, stringify({ encryptionsalt, ...wanted }), { mode: 0o600 });
    return isNew;
  }

  /** The checkout's project with the checkout's program, but with stack configurations of its own beside it. */
  private writeProject(): void {
    const project = parse(readFileSync(join(this.lab.checkout, "Pulumi.yaml"), "utf8")) as {
      main: string;
    };
    const main = join(this.lab.checkout, project.main);
    writeFileSync(join(this.project, "Pulumi.yaml"), stringify({ ...project, main }));
  }

  get configFile(): string {
    return join(this.project, `Pulumi.${stack}.yaml`);
  }

  /**
   * Settles what an interrupted run left, as people do with a real account: by operations/orphans.ts, against the API alone.
   *
   * @returns what was done, a line each; nothing when nothing was left.
   * @throws Error when somebody works on the stack, or with the orphans that stand in the way and the command that removes them.
   */
  async recover(): Promise<string[]> {
    const { code, stdout, stderr } = await this.operate("recover");
    if (code !== 0) throw new Error(`${stdout}${stderr}`.trim());
    return stdout.split("\n").filter((line) => line !== "");
  }

  /** A command of operations/orphans.ts on the stack: `recover`, or `list` for what belongs to the cluster in the cloud and is in no state. */
  operate(
    command: "recover" | "list",
    args: string[] = [],
    output: RunOptions["output"] = "capture",
  ): Promise<RunResult> {
    const as = ["--as", "npm run lab -- orphans"];
    return this.program("operations/orphans.ts", [command, ...as, ...args], output);
  }

  /** The plan check (`npm run check`) on the stack, its output shown. */
  check(args: string[]): Promise<RunResult> {
    return this.program("operations/check.ts", args, "inherit");
  }

  /** `npm run restore` on the stack, its output shown. */
  restore(args: string[]): Promise<RunResult> {
    return this.program("operations/restore.ts", args, "inherit");
  }

  private program(entry: string, args: string[], output: RunOptions["output"]): Promise<RunResult> {
    const choice = ["--stack", stack, "--config-file", this.configFile];
    return run([process.execPath, "--import", "tsx", entry, ...args, ...choice], {
      ...this.runOptions(),
      output,
    });
  }

  /**
   * `pulumi <args>` as people give them, on the lab's stack unless they name another. It runs in the lab's own project directory, so
   * that whatever reads or writes a stack's configuration, `stack rm` included, finds the lab's and never the checkout's; files that
   * are named are those of `from`.
   *
   * @returns the engine's exit code.
   */
  onStack(args: string[], from = this.lab.checkout): Promise<number> {
    this.writeProject();
    return this.show(absoluteFiles(args, from), {
      cwd: this.project,
      env: { PULUMI_STACK: stack },
      input: "inherit",
    });
  }

  /**
   * `pulumi <args>` with its output shown.
   *
   * @returns the engine's exit code.
   */
  show(args: string[], options: Partial<ShownOptions> = {}): Promise<number> {
    const { cwd = this.lab.checkout, env, ...rest } = options;
    return runShown(inNetns(this.lab.operatorNetns, ["pulumi", ...args]), {
      ...rest,
      cwd,
      env: { ...this.environment(), ...env },
    });
  }

  /** `pulumi <args>` with its output returned. */
  capture(args: string[]): Promise<RunResult> {
    return must(["pulumi", ...args], this.runOptions());
  }

  /** @param onEvents Told what the engine does, while it does it. */
  async up(
    extra: string[] = [],
    onEvents: (events: EngineEvent[]) => void = () => undefined,
  ): Promise<number> {
    rmSync(this.eventLog, { force: true });
    const args = [
      ...["up", "--yes", "--skip-preview", "--suppress-progress", ...this.selection()],
      ...["--policy-pack", "policy", "--event-log", this.eventLog],
      ...extra,
    ];
    const end = followEvents(this.eventLog, onEvents);
    // On a terminal its lines go above ours, which stands at the foot.
    const shared = process.stdout.isTTY && process.stderr.isTTY;
    try {
      return shared
        ? await this.show([...args, "--color", "always"], { output: "lines" })
        : await this.show(args);
    } finally {
      end();
    }
  }

  preview(extra: string[] = []): Promise<number> {
    return this.show(["preview", ...this.selection(), "--policy-pack", "policy", ...extra]);
  }

  destroy(): Promise<number> {
    // Every delete asks for its instance again and again, and the provider gives up where it is told to ask less often.
    const flags = ["--yes", "--skip-preview", "--ignore-protect"];
    return this.show(["destroy", ...flags, ...this.selection(16)]);
  }

  /**
   * Flags that choose the lab's stack and configuration, and how much is worked on at once: by default what `PULUMI_PARALLEL` says, as it is with the engine
   * itself, or all hosts.
   */
  selection(parallel = Number(process.env["PULUMI_PARALLEL"] ?? 64)): string[] {
    const choice = ["--stack", stack, "--config-file", this.configFile, "--non-interactive"];
    // The engine's default of 4 a core would have hosts wait for one another.
    return [...choice, "--parallel", String(parallel)];
  }

  async outputs(): Promise<unknown> {
    const { stdout } = await this.capture([
      "stack",
      "output",
      "--json",
      "--show-secrets",
      "--stack",
      stack,
    ]);
    return JSON.parse(stdout) as unknown;
  }

  /** Environment of every engine run; the real provider finds the local cloud by it, nothing in the program does. */
  environment(): Record<string, string> {
    return {
      ...this.toolchainEnv,
      PULUMI_BACKEND_URL: `file://${this.state}`,
      PULUMI_CONFIG_PASSPHRASE_FILE: this.passphraseFile,
      // Makes the engine take --event-log.
      PULUMI_DEBUG_COMMANDS: "true",
      // What the program leaves in its temporary directory goes with the lab.
      TMPDIR: this.temporary,
      // Program, policies and local commands each load the SDK: compiled once.
      NODE_COMPILE_CACHE: join(cacheRoot(), "compiled"),
      TENCENTCLOUD_SECRET_ID: credentials.secretId,
      TENCENTCLOUD_SECRET_KEY: credentials.secretKey,
      TENCENTCLOUD_REGION: "ap-guangzhou",
      TENCENTCLOUD_PROTOCOL: "HTTP",
      TENCENTCLOUD_DOMAIN: cloudDomain,
      // Provider 1.81.90 appends an id to this header at each look at an instance and never starts over, until a server refuses
      // the call (16 KiB here: some 980 looks); with a name from outside it starts over at each call. Later ones build it anew.
      TENCENTCLOUD_API_REQUEST_CLIENT: "kubernetes-ha-lab",
      // The plugin asks an agent that is named here, needed or not, and fails where it is gone.
      SSH_AUTH_SOCK: "",
      HTTP_PROXY: "http://127.0.0.1:80",
      NO_PROXY: "localhost,127.0.0.1",
    };
  }

  private runOptions(): { netns: string; env: Record<string, string>; cwd: string } {
    const { operatorNetns: netns, checkout: cwd } = this.lab;
    return { netns, env: this.environment(), cwd };
  }
}
