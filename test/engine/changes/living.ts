import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { run, type RunResult } from "../../../lab/process";
import { examples } from "../../support/examples";
import { type MemoryLab, startMemoryLab } from "../../support/memoryLab";
import { Cluster } from "./cluster";
import type { Exported, Recorded } from "./recorded";
import type { Row } from "./row";

const program = join(__dirname, "program");
const configFile = join(program, "Pulumi.changes.yaml");

/** A row with the cluster of its own that it changes. */
export interface Case extends Row {
  /** Name of the cluster: what of a preview is this row's is found by it. */
  name: string;
  before: Cluster;
  after: Cluster;
}

/**
 * A production cluster as it lives after a real `up`, and a stack with a copy of it for every row, side by side, so that one
 * preview of the real engine and provider is the preview of all rows.
 */
export class Living {
  private constructor(
    readonly lab: MemoryLab,
    readonly cases: readonly Case[],
    readonly dir: string,
    private readonly exported: Exported,
  ) {}

  static async start(name: string, rows: readonly Row[]): Promise<Living> {
    const dir = mkdtempSync(join(tmpdir(), "kubernetes-ha-changes-"));
    const lab = await startMemoryLab({ name, config: smallProduction(dir) });
    try {
      if ((await lab.engine.up()) !== 0) throw new Error("the living cluster was not made");
      const selection = ["--stack", "lab"];
      const { stdout } = await lab.engine.capture([
        ...["stack", "export", "--show-secrets"],
        ...selection,
      ]);
      return await Living.of(lab, JSON.parse(stdout) as Exported, rows, dir);
    } catch (error) {
      await lab.close();
      throw error;
    }
  }

  /** @param exported State of the cluster that the rows' clusters are copies of. */
  static async of(
    lab: MemoryLab,
    exported: Exported,
    rows: readonly Row[],
    dir: string,
  ): Promise<Living> {
    const cases = rows.map((row, index): Case => {
      const cluster = Cluster.of(`row${String(index + 100)}`, exported.deployment.resources);
      row.living?.(cluster);
      const after = cluster.copy();
      row.change(after);
      return { ...row, name: cluster.name, before: cluster, after };
    });
    const living = new Living(lab, cases, dir, exported);
    await living.load();
    return living;
  }

  /** A stack of these rows alone, beside this one, which ends with it. From now on it has the program's stack file. */
  alone(rows: readonly Row[]): Promise<Living> {
    const dir = join(this.dir, "alone");
    mkdirSync(dir);
    return Living.of(this.lab, this.exported, rows, dir);
  }

  /** State of all rows' clusters, as if each had been brought up, and the file that the program makes of it. */
  private async load(): Promise<void> {
    const { exported } = this;
    mkdirSync(join(this.dir, "state"));
    rmSync(configFile, { force: true });
    await this.must("stack", "init", "changes");
    const [stack, ...providers] = exported.deployment.resources
      .filter(({ type }) => type === "pulumi:pulumi:Stack" || type.startsWith("pulumi:providers:"))
      .map((resource) => rename(resource));
    const resources = [
      ...(stack === undefined ? [] : [{ ...stack, outputs: {} }]),
      ...providers,
      ...this.cases.flatMap(({ before }) => before.toState()),
    ];
    const state = join(this.dir, "state.json");
    const { encryptionsalt: salt } = parse(readFileSync(configFile, "utf8")) as Record<
      string,
      string
    >;
    const deployment = {
      ...exported.deployment,
      secrets_providers: { type: "passphrase", state: { salt } },
      resources,
    };
    writeFileSync(state, JSON.stringify({ ...exported, deployment }), { mode: 0o600 });
    await this.must("stack", "import", "--force", "--file", state, "--stack", "changes");
    this.write("before");
  }

  /** Has the program make the clusters as they are, or as the rows change them. */
  write(which: "before" | "after"): void {
    const resources = this.cases.flatMap((row) => row[which].resources);
    writeFileSync(this.resourcesFile, JSON.stringify(resources), { mode: 0o600 });
  }

  private get resourcesFile(): string {
    return join(this.dir, "resources.json");
  }

  /** `pulumi <args>` on the stack of all rows. */
  pulumi(...args: string[]): Promise<RunResult> {
    return run(["pulumi", ...args, "--non-interactive"], {
      cwd: program,
      netns: this.lab.identity.operatorNetns,
      timeoutSeconds: 1500,
      env: {
        ...this.lab.environment(),
        PULUMI_BACKEND_URL: `file://${join(this.dir, "state")}`,
        CHANGES_RESOURCES: this.resourcesFile,
      },
    });
  }

  async must(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.pulumi(...args);
    if (code !== 0)
      throw new Error(`pulumi ${args.join(" ")} ended with ${code}:\n${stdout}${stderr}`);
    return stdout;
  }

  async close(): Promise<void> {
    await this.lab.close();
    rmSync(this.dir, { recursive: true, force: true });
    rmSync(configFile, { force: true });
  }
}

function rename(resource: Recorded): Recorded {
  const text = JSON.stringify(resource).replaceAll(
    /urn:pulumi:[^:]+::[^:]+::/g,
    "urn:pulumi:changes::changes::",
  );
  return JSON.parse(
    text.replaceAll("tencentcloud-kubernetes-ha-lab", "changes-changes"),
  ) as Recorded;
}

/** The example of one zone with one worker: workers are all alike. */
function smallProduction(dir: string): string {
  const file = join(dir, "Pulumi.prod.yaml");
  const config = parse(readFileSync(examples.oneZone, "utf8")) as {
    config: Record<string, { workers: { members: number }[] }>;
  };
  const [pool] = config.config["tencentcloud-kubernetes-ha:cluster"]?.workers ?? [];
  if (pool === undefined) throw new Error("Pulumi.prod.yaml has no workers");
  pool.members = 1;
  writeFileSync(file, stringify(config));
  return file;
}
