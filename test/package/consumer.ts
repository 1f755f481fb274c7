import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse, stringify } from "yaml";
import { must, run, type RunResult } from "../../lab/process";
import { toolchain } from "../../toolchain";

const checkout = resolve(__dirname, "../..");

/** What `npm pack` says of the tarball it made. */
export interface Packed {
  name: string;
  tarball: string;
  /** Paths in the tarball. */
  files: string[];
  unpackedKiB: number;
}

/** Packs a package of the checkout, as for publishing: its own prepack builds it. */
export async function pack(source: string, destination: string): Promise<Packed> {
  mkdirSync(destination, { recursive: true });
  const { stdout } = await must(["npm", "pack", "--json", "--pack-destination", destination], {
    cwd: resolve(checkout, source),
  });
  // Before it stands what the build has printed.
  const [packed] = JSON.parse(stdout.slice(stdout.search(/^\[/m))) as [
    { name: string; filename: string; unpackedSize: number; files: { path: string }[] },
  ];
  return {
    name: packed.name,
    tarball: join(destination, packed.filename),
    files: packed.files.map(({ path }) => path),
    unpackedKiB: Math.round(packed.unpackedSize / 1024),
  };
}

/** How a consumer's tsconfig may have modules found. */
export const resolutions = {
  node10: { module: "commonjs", moduleResolution: "node" },
  node16: { module: "node16", moduleResolution: "node16" },
  nodenext: { module: "nodenext", moduleResolution: "nodenext" },
  bundler: { module: "esnext", moduleResolution: "bundler" },
} as const;

export type Resolution = keyof typeof resolutions;

/** pnpm as its users have it; npm gets it. */
const pnpm = ["npx", "--yes", "pnpm@10.18.3"];

/** Where a consumer's engine finds the cloud. */
export interface Surroundings {
  /** Default: an account that does not exist, enough for a preview. */
  env?: Record<string, string>;
  /** Network namespace to run the engine in; the machine's own if absent. */
  netns?: string;
}

/**
 * A stack of somebody else's outside the checkout, with our packages from their tarballs and the provider's SDK as `pulumi package add` lays
 * it out. It runs by the default Node runtime.
 */
export class Consumer {
  private readonly environment: Record<string, string>;

  /** @param example Directory in examples/ that it is a copy of. */
  constructor(
    readonly directory: string,
    example: string,
    private readonly surroundings: Surroundings = {},
  ) {
    const state = join(directory, "state");
    mkdirSync(state, { recursive: true });
    cpSync(join(checkout, "examples", example), directory, { recursive: true });
    const project = join(directory, "Pulumi.yaml");
    const settings = parse(readFileSync(project, "utf8")) as object;
    writeFileSync(project, stringify({ ...settings, runtime: "nodejs" }));
    cpSync(
      join(checkout, "node_modules/@pulumi/tencentcloud"),
      join(directory, "sdks/tencentcloud"),
      { recursive: true },
    );
    this.environment = surroundings.env ?? {
      ...toolchain().env(),
      PULUMI_BACKEND_URL: `file://${state}`,
      PULUMI_CONFIG_PASSPHRASE: "tests",
      TENCENTCLOUD_SECRET_ID: "none",
      TENCENTCLOUD_SECRET_KEY: "none",
      TENCENTCLOUD_REGION: "ap-guangzhou",
    };
  }

  /** Puts a package among the dependencies, from its tarball, and installs all of them. */
  async install(manager: "npm" | "pnpm", { name, tarball }: Packed): Promise<void> {
    const file = join(this.directory, "package.json");
    const manifest = JSON.parse(readFileSync(file, "utf8")) as { dependencies: object };
    const dependencies = { ...manifest.dependencies, [name]: `file:${tarball}` };
    writeFileSync(file, JSON.stringify({ ...manifest, dependencies }));
    const quiet = ["--no-audit", "--no-fund"];
    await must(manager === "npm" ? ["npm", "install", ...quiet] : [...pnpm, "install"], {
      cwd: this.directory,
    });
  }

  /** Packages that stand in node_modules. */
  async installed(): Promise<number> {
    const { stdout } = await must(["npm", "ls", "--all", "--parseable"], { cwd: this.directory });
    return stdout.trim().split("\n").length - 1;
  }

  /** What the compiler has against the stack and our declarations; third parties' declarations are theirs. */
  async compile(resolution: Resolution): Promise<string[]> {
    const file = join(this.directory, `tsconfig.${resolution}.json`);
    writeFileSync(
      file,
      JSON.stringify({ extends: "./tsconfig.json", compilerOptions: resolutions[resolution] }),
    );
    const { code, stdout, stderr } = await run(
      ["npx", "tsc", "--noEmit", "--pretty", "false", "--skipLibCheck", "false", "-p", file],
      { cwd: this.directory },
    );
    const errors = stdout.split("\n").filter((line) => line.includes("error TS"));
    if (code !== 0 && errors.length === 0) throw new Error(`tsc ended with ${code}: ${stderr}`);
    return errors
      .filter(
        (line) => !line.includes("node_modules/") || line.includes("tencentcloud-kubernetes-ha"),
      )
      .filter((line) => !line.startsWith("sdks/"));
  }

  /** Makes the stack. */
  async init(): Promise<void> {
    await must(["pulumi", "stack", "init", "own", "--non-interactive"], this.options());
  }

  /** Sets configuration of the stack's project. */
  async configure(settings: Record<string, string>): Promise<void> {
    const pairs = Object.entries(settings).flatMap(([key, value]) => [
      "--plaintext",
      `${key}=${value}`,
    ]);
    const { code, stderr } = await this.pulumi("config", "set-all", ...pairs);
    if (code !== 0) throw new Error(`pulumi config set-all ended with ${code}: ${stderr}`);
  }

  /** `pulumi <args>` on the stack. */
  pulumi(...args: string[]): Promise<RunResult> {
    return run(["pulumi", ...args, "--stack", "own", "--non-interactive"], this.options());
  }

  /** Runs a shell command in the stack's directory, where the command provider runs those of the components. */
  shell(command: string, input: string): Promise<RunResult> {
    return run(["sh", "-c", command], { cwd: this.directory, input });
  }

  private options() {
    const { netns } = this.surroundings;
    return { cwd: this.directory, env: this.environment, netns, timeoutSeconds: 400 };
  }
}

/** A step of `pulumi preview --json`, as far as the tests look at it. */
export interface PreviewStep {
  op: string;
  newState: { type: string; inputs?: Record<string, unknown> };
}

/** The steps of `pulumi preview --json`. */
export function stepsOf({ code, stdout, stderr }: RunResult): PreviewStep[] {
  if (code !== 0) throw new Error(`pulumi preview ended with ${code}:\n${stdout}\n${stderr}`);
  return (JSON.parse(stdout) as { steps: PreviewStep[] }).steps;
}
