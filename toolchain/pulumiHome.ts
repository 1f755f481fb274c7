import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { cacheRoot } from "../lab/identity";
import { digest } from "./cache";
import type { Obtained } from "./obtain";

/** Groups that the engine finds below PULUMI_HOME. */
export const pluginGroups = ["bridge", "provider", "command"] as const;

/** Groups whose programs lie in one directory on PATH: the engine looks for its language hosts beside itself. */
export const engineGroups = ["pulumi", "language-nodejs", "language-yaml"] as const;

/** PULUMI_HOME for this set of plugins. Another checkout with other stand-ins gets another. */
export function pulumiHome(plugins: readonly Obtained<string>[]): string {
  return join(
    cacheRoot(),
    "pulumi-home",
    digest(plugins.map(({ group, key }) => [group.name, key])),
  );
}

/** Directory of the engine's executables, to be first on PATH. */
export function engineDirectory(engine: readonly Obtained[]): string {
  return join(cacheRoot(), "bin-set", digest(engine.map(({ group, key }) => [group.name, key])));
}

/** Path below PULUMI_HOME where the engine, or the bridge, looks before it would download. */
export function pluginPath({ group, origin }: Pick<Obtained<string>, "group" | "origin">): string {
  switch (group.name) {
    case "bridge":
      return `plugins/resource-terraform-provider-v${origin.version}/pulumi-resource-terraform-provider`;
    case "command":
      return `plugins/resource-command-v${origin.version}/pulumi-resource-command`;
    case "kubernetes-plugin":
      return `plugins/resource-kubernetes-v${origin.version}/pulumi-resource-kubernetes`;
    case "provider":
      return `dynamic_tf_plugins/registry.opentofu.org/tencentcloudstack/tencentcloud/${origin.version}/linux_amd64/terraform-provider-tencentcloud_v${origin.version}`;
    default:
      throw new Error(`${group.name} is no plugin: plugins are ${pluginGroups.join(", ")}`);
  }
}

/** Puts the plugins where they are looked for. Instant when they are there. */
export function layOutHome(plugins: readonly Obtained<string>[]): string {
  const home = pulumiHome(plugins);
  for (const plugin of plugins) {
    const target = join(home, pluginPath(plugin));
    const program = Object.values(plugin.group.programs)[0] as string;
    publish(join(plugin.directory, program), target, "symlink");
  }
  keepNoRunLogs(home);
  return home;
}

/**
 * The engine writes a debug log of every run below PULUMI_HOME, 125 MB of it for 500 nodes, which is a fifth of its time, and has no
 * setting for that. It goes without where a file is in its way.
 */
function keepNoRunLogs(home: string): void {
  const logs = join(home, "logs");
  if (statSync(logs, { throwIfNoEntry: false })?.isFile()) return;
  rmSync(logs, { recursive: true, force: true });
  writeFileSync(logs, "");
}

/** Puts the engine's executables side by side: hard links, so that the engine finds its own directory by its path. */
export function layOutEngine(engine: readonly Obtained[]): string {
  const directory = engineDirectory(engine);
  for (const { directory: from, group } of engine)
    for (const program of Object.values(group.programs))
      publish(join(from, program), join(directory, program), "hardlink");
  return directory;
}

/** Another process may do the same: the rename makes either result the same one. */
function publish(source: string, target: string, how: "symlink" | "hardlink"): void {
  if (existsSync(target)) return;
  mkdirSync(dirname(target), { recursive: true });
  const staging = `${target}.${process.pid}`;
  rmSync(staging, { force: true });
  if (how === "symlink") {
    symlinkSync(source, staging);
  } else {
    try {
      linkSync(source, staging);
    } catch {
      copyFileSync(source, staging); // another file system
    }
  }
  renameSync(staging, target);
}
