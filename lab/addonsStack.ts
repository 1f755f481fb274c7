import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { addonVersions } from "../mirror/layout";
import { defaultSocksPort, socksProxy } from "../operations/access/files";
import { installAddons } from "../toolchain/addonsPackage";
import type { Engine } from "./engine";
import { clusterKey } from "./examples";
import type { LabIdentity } from "./identity";
import { must } from "./process";

/** What is done with add-ons. */
export type AddonsAction = "up" | "preview" | "destroy";

const stack = "lab";

/** What of a stack's configuration says where the cluster's images come from. */
interface ClusterStack {
  config: Record<string, { sources?: { imageRepository?: string } }>;
}

/**
 * Configuration of examples/addons for the lab's cluster. Pure.
 *
 * @param clusterStack Configuration of the cluster's stack: add-ons have their images from where it has its own.
 */
export function addonsConfig(clusterStack: ClusterStack): Record<string, string> {
  const repository = clusterStack.config[clusterKey]?.sources?.imageRepository;
  return {
    "kubernetes-addons:cluster": `organization/tencentcloud-kubernetes-ha/${stack}`,
    "kubernetes-addons:proxy": socksProxy(defaultSocksPort),
    "kubernetes-addons:metricsServerVersion": addonVersions.metricsServer,
    "kubernetes-addons:traefikVersion": addonVersions.traefik,
    ...(repository !== undefined && { "kubernetes-addons:imageRepository": repository }),
  };
}

/** The stack of examples/addons, beside the cluster's: same engine, state and passphrase; a copy outside the checkout, as people have it. */
export class AddonsStack {
  private readonly directory: string;

  constructor(
    private readonly lab: LabIdentity,
    private readonly engine: Engine,
  ) {
    this.directory = join(lab.dir, "addons");
  }

  /** @returns the engine's exit code. */
  async run(action: AddonsAction): Promise<number> {
    await this.prepare();
    const flags = action === "preview" ? [] : ["--yes", "--skip-preview"];
    const choice = ["--stack", stack, "--non-interactive", "--suppress-progress"];
    return this.engine.show([action, ...flags, ...choice], { cwd: this.directory });
  }

  /** The example with what it is installed with, and with a configuration of the lab's own. */
  private async prepare(): Promise<void> {
    mkdirSync(this.directory, { recursive: true, mode: 0o700 });
    cpSync(join(this.lab.checkout, "examples/addons"), this.directory, { recursive: true });
    await installAddons(this.directory);
    const file = join(this.directory, `Pulumi.${stack}.yaml`);
    if (!existsSync(file))
      await must(["pulumi", "stack", "init", stack, "--non-interactive"], {
        netns: this.lab.operatorNetns,
        env: this.engine.environment(),
        cwd: this.directory,
      });
    const { encryptionsalt } = parse(readFileSync(file, "utf8")) as { encryptionsalt: string };
    const clusterStack = parse(readFileSync(this.engine.configFile, "utf8")) as ClusterStack;
    const config = addonsConfig(clusterStack);
    writeFileSync(file, stringify({ encryptionsalt, config }), { mode: 0o600 });
  }
}
