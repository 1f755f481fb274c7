import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parse, stringify } from "yaml";
import { must } from "../lab/process";
import { toolchain } from "../toolchain";
import { seconds } from "./lab";
import { PeakMemory } from "./peakMemory";
import { stateMiB } from "./stateSize";

const checkout = resolve(__dirname, "..");

/** What the engine and the SDK alone take. */
export interface Floor {
  resources: number;
  upSeconds: number;
  noopSeconds: number;
  stateMiB: number;
  programPeakMiB: number;
}

/**
 * An `up` of so many components without inputs, outputs or children, and another that changes nothing: no program with as many resources gets below. Node.js
 * runs it as it runs the cluster's, and the first saves its state once, at its end, as does the `up` that it is compared with.
 */
export async function floor(resources: number): Promise<Floor> {
  const dir = mkdtempSync(join(tmpdir(), "kubernetes-ha-floor-"));
  const state = join(dir, "state");
  const environment = {
    ...toolchain().env(),
    PULUMI_BACKEND_URL: `file://${state}`,
    PULUMI_CONFIG_PASSPHRASE: "bench",
  };
  const pulumi = (args: string[], more: Record<string, string> = {}): Promise<unknown> =>
    must(["pulumi", ...args, "--non-interactive"], {
      cwd: dir,
      env: { ...environment, ...more },
      timeoutSeconds: 600,
    });
  const up = (more?: Record<string, string>): Promise<number> =>
    seconds(() => pulumi(["up", "--yes", "--skip-preview", "--suppress-progress"], more));
  try {
    mkdirSync(state);
    writeFileSync(join(dir, "Pulumi.yaml"), stringify(project()));
    await pulumi(["stack", "init", "floor"]);
    await pulumi(["config", "set", "resources", String(resources)]);
    const peak = new PeakMemory(dir);
    const upSeconds = await peak.during(() => up({ PULUMI_SKIP_CHECKPOINTS: "true" }));
    const noopSeconds = await up();
    return {
      ...{ resources, upSeconds, noopSeconds },
      ...{ stateMiB: stateMiB(state), programPeakMiB: peak.programMiB() },
    };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Node.js is given what it is for the cluster's program, which names a file of its own directory. */
function project(): Record<string, unknown> {
  const { runtime } = parse(readFileSync(join(checkout, "Pulumi.yaml"), "utf8")) as {
    runtime: { name: string; options: { nodeargs: string } };
  };
  const nodeargs = runtime.options.nodeargs.replaceAll("--require ./", `--require ${checkout}/`);
  return {
    name: "floor",
    runtime: { ...runtime, options: { ...runtime.options, nodeargs } },
    main: join(__dirname, "emptyResources.cjs"),
  };
}
