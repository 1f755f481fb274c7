import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { parse } from "yaml";
import { parseClusterConfig } from "../components/plan/config";
import { type ClusterPlan, planCluster } from "../components/plan/cluster";
import { restoreCheckpoint } from "./orphans/checkpoint";
import { parseStackExport, type StackExport } from "./orphans/deployment";
import { fileBackendDirectory, readLocks, type StackLock } from "./orphans/lock";

const execute = promisify(execFile);

/** A stack of the project in the working directory, through the Pulumi CLI: whatever backend and secrets provider it has. */
export class Stack {
  private readonly project: string;

  /** @param configFile the stack's configuration, if it is not Pulumi.<stack>.yaml. */
  constructor(
    readonly name: string,
    private readonly configFile?: string,
  ) {
    this.project = (parse(readFileSync("Pulumi.yaml", "utf8")) as { name: string }).name;
  }

  /** The plan of the stack's configuration, and the region it is for. */
  async plan(): Promise<{ plan: ClusterPlan; region: string | undefined }> {
    const config = JSON.parse(await this.pulumi("config", "--json", ...this.choice())) as Record<
      string,
      { value: string; objectValue?: unknown }
    >;
    const cluster = config[`${this.project}:cluster`]?.objectValue;
    if (cluster === undefined)
      throw new Error(`stack ${this.name} has no ${this.project}:cluster in its configuration`);
    return {
      plan: planCluster(parseClusterConfig(cluster)),
      region: config["tencentcloud:region"]?.value,
    };
  }

  async export(stack = this.name): Promise<StackExport> {
    return parseStackExport(await this.pulumi("stack", "export", "--stack", stack));
  }

  /** What the program gave out, secrets included. */
  async outputs(): Promise<unknown> {
    const all = ["stack", "output", "--json", "--show-secrets", "--stack", this.name];
    return JSON.parse(await this.pulumi(...all)) as unknown;
  }

  /** The states of all stacks of the project that the backend has, this one's included. */
  async exportAll(): Promise<StackExport[]> {
    const stacks = JSON.parse(await this.pulumi("stack", "ls", "--json")) as { name: string }[];
    return Promise.all(stacks.map(({ name }) => this.export(name)));
  }

  /** Replaces the stack's state by one that {@link export} gave, changed. */
  async import(state: StackExport): Promise<void> {
    await this.pulumiWith(JSON.stringify(state), "stack", "import", "--stack", this.name);
  }

  /** Reads resources anew from the cloud, these only. */
  async refresh(urns: readonly string[]): Promise<void> {
    const targets = urns.flatMap((urn) => ["--target", urn]);
    const quiet = ["--yes", "--skip-preview", "--non-interactive", "--skip-pending-creates"];
    await this.pulumi("refresh", ...quiet, ...this.choice(), ...targets);
  }

  /** Takes the engine's lock off the stack, whoever holds it. */
  async unlock(): Promise<void> {
    await this.pulumi("cancel", "--yes", "--stack", this.name);
  }

  /** The engine's locks, where the backend keeps them in files; others are asked by the engine itself. */
  async locks(): Promise<StackLock[]> {
    const directory = await this.directory();
    return directory === undefined ? [] : readLocks(directory, this.project, this.name);
  }

  /** Mends a state that a killed engine left half-written. @returns whether it had to be. */
  async restore(): Promise<boolean> {
    const directory = await this.directory();
    return directory !== undefined && restoreCheckpoint(directory, this.project, this.name);
  }

  /** Whether the last run ended badly: a create that fails after the cloud has carried it out is in no state. */
  async lastRunFailed(): Promise<boolean> {
    const last = ["--json", "--page-size", "1", "--page", "1", "--stack", this.name];
    const runs = JSON.parse(await this.pulumi("stack", "history", ...last)) as { result: string }[];
    return runs.some(({ result }) => result !== "succeeded");
  }

  private async directory(): Promise<string | undefined> {
    return fileBackendDirectory(process.env["PULUMI_BACKEND_URL"] ?? (await this.backendUrl()));
  }

  private async backendUrl(): Promise<string> {
    return (JSON.parse(await this.pulumi("whoami", "--json")) as { url: string }).url;
  }

  private choice(): string[] {
    const file = this.configFile === undefined ? [] : ["--config-file", this.configFile];
    return ["--stack", this.name, ...file];
  }

  private pulumi(...args: string[]): Promise<string> {
    return this.pulumiWith("", ...args);
  }

  private async pulumiWith(input: string, ...args: string[]): Promise<string> {
    // States of large clusters are tens of megabytes.
    const running = execute("pulumi", args, { maxBuffer: 1024 * 1024 * 1024 });
    running.child.stdin?.on("error", () => undefined).end(input);
    try {
      return (await running).stdout;
    } catch (error) {
      throw new Error(failureOf(args, error as PulumiFailure), { cause: error });
    }
  }
}

interface PulumiFailure extends NodeJS.ErrnoException {
  stdout?: string;
  stderr?: string;
}

/** Why `pulumi` failed: in its own words, if it ever ran. */
function failureOf(
  args: readonly string[],
  { code, message, stdout, stderr }: PulumiFailure,
): string {
  if (code === "ENOENT")
    return "cannot run pulumi: it is not on PATH; install the Pulumi CLI (https://www.pulumi.com/docs/iac/download-install/). The lab brings its own: `npm run lab -- --help`";
  const said = (stderr?.trim() || stdout?.trim() || message).split("\n").slice(-20).join("\n");
  return `pulumi ${args.slice(0, 2).join(" ")} failed:\n${said}`;
}
