import { availableParallelism } from "node:os";
import { join } from "node:path";
import { ensureDebianPackages } from "./debian";
import {
  addonPrograms,
  conformance,
  distribution,
  groupNames,
  groupOf,
  groupOfProgram,
  groups,
  kubeNetworkPolicies,
  kubernetesPlugin,
  formerEtcd,
  nextKubernetes,
  sampleApiserver,
  type Group,
  type GroupName,
} from "./groups";
import { lookUp, obtain, type Obtained } from "./obtain";
import type { Origin } from "./official";
import { parallel, say } from "./progress";
import { engineGroups, layOutEngine, layOutHome, pluginGroups } from "./pulumiHome";
import { installSdk } from "./sdk";
import { versions } from "./versions";

export type { GroupName } from "./groups";
export { versions };

/** A tool group, `sdk` for the generated `@pulumi/tencentcloud` in node_modules, `debian` for the machine's packages. */
export type Need = GroupName | "sdk" | "debian";

/** What {@link ensureToolchain} gets when nothing is named. */
export const everything: readonly Need[] = [...groupNames, "debian", "sdk"];

const sdkGroups: readonly GroupName[] = [...engineGroups, "bridge", "provider"];

/** Tools that are there. */
export class Toolchain {
  /** @param obtained By group; a group that is not in it was not asked for. */
  constructor(private readonly obtained: ReadonlyMap<GroupName, Obtained>) {}

  /**
   * Path of an executable: `kubectl`, `etcd`, `flanneld`, `pulumi`, ...
   *
   * @throws Error if no group has it, or its group was not asked for.
   */
  binary(name: string): string {
    const group = groupOfProgram(name);
    return join(this.get(group.name).directory, name);
  }

  /** Paths of all executables of the groups that are there, by name. */
  get binaries(): Record<string, string> {
    return allPrograms([...this.obtained.values()]);
  }

  /** Where each group comes from, `built` or `official`, and its version. */
  get origins(): Partial<Record<GroupName, Origin>> {
    return Object.fromEntries([...this.obtained].map(([name, { origin }]) => [name, origin]));
  }

  /**
   * What to add to the environment of `pulumi` or of a program that uses the Automation API.
   *
   * @param more Plugins that few programs need, beside those that all do.
   */
  env(more: readonly Obtained<string>[] = []): Record<string, string> {
    const engine = layOutEngine(engineGroups.map((name) => this.get(name)));
    const plugins = [...pluginGroups.map((name) => this.get(name)), ...more];
    const variables: Record<string, string> = {
      PATH: `${engine}:${process.env["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"}`,
      PULUMI_HOME: layOutHome(plugins),
      PULUMI_SKIP_UPDATE_CHECK: "true",
    };
    // Where plugins had to be built there is nowhere to download from: fail at once, not after retries.
    if (plugins.some(({ origin }) => origin.source === "built"))
      variables["PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"] = "true";
    return variables;
  }

  private get(name: GroupName): Obtained {
    const found = this.obtained.get(name);
    if (!found)
      throw new Error(
        `the toolchain was asked for ${[...this.obtained.keys()].join(", ") || "nothing"} only: add "${name}" to \`need\` of ensureToolchain`,
      );
    return found;
  }
}

/**
 * Makes sure that tools are there, and answers them: official releases where their hosts answer, else built from Go modules.
 * Instant when nothing is missing. Safe to run twice at the same time.
 *
 * @param need Default {@link everything}.
 * @throws Error naming the step that failed, its log and what to do.
 */
export async function ensureToolchain({
  need = everything,
}: { need?: readonly Need[] } = {}): Promise<Toolchain> {
  const wanted = new Set<GroupName>(
    need.flatMap((name) => (name === "sdk" ? sdkGroups : name === "debian" ? [] : [name])),
  );
  if (need.includes("debian")) await ensureDebianPackages();
  const missing = groups.filter((group) => wanted.has(group.name) && !lookUp(group));
  await getAll(missing);
  const found = present(wanted);
  if (need.includes("sdk"))
    await installSdk(
      {
        provider: found.require("provider").origin.version,
        generator: `${versions.pulumi} ${found.require("language-nodejs").key}`,
      },
      engineEnvironment(found),
    );
  return found.toolchain;
}

/** Gets groups that are not there. */
async function getAll(missing: readonly Group<string>[]): Promise<void> {
  if (missing.length === 0) return;
  say(`tools to get: ${missing.map(({ name, version }) => `${name} ${version}`).join(", ")}`);
  // One `go build` keeps about two cores busy, but for its end: linking is one core's work, so one more compiles meanwhile.
  await parallel(missing, Math.floor(availableParallelism() / 2) + 1, async (group) => {
    await obtain(group);
  });
}

/** What a cluster's add-ons take beside the other tools. */
export interface AddonTools {
  /** The plugin of Pulumi's Kubernetes provider, for {@link Toolchain.env}. */
  plugin: Obtained<string>;
  /** Paths of the programs of their images, by name. */
  programs: Record<string, string>;
}

/** Gets what add-ons take: where it has to be built, twenty minutes of it the first time. */
export async function ensureAddonTools(): Promise<AddonTools> {
  const all: readonly Group<string>[] = [kubernetesPlugin, ...addonPrograms];
  await getAll(all.filter((group) => !lookUp(group)));
  const made = await Promise.all(addonPrograms.map((group) => obtain(group)));
  return { plugin: await obtain(kubernetesPlugin), programs: allPrograms(made) };
}

/** Paths of the programs of groups, by name. */
function allPrograms(groups: readonly Obtained<string>[]): Record<string, string> {
  return Object.fromEntries(
    groups.flatMap(({ group: { programs, testPrograms, files }, directory }) =>
      Object.values({ ...programs, ...testPrograms, ...files?.names }).map((program) => [
        program,
        join(directory, program),
      ]),
    ),
  );
}

/** Paths of the programs of the next minor release of Kubernetes, by name. Seven minutes of building the first time. */
export function ensureNextKubernetes(): Promise<Record<string, string>> {
  return ensurePrograms(nextKubernetes);
}

/** Paths of the programs of the minor release of etcd before, by name. Two minutes of building the first time. */
export function ensureFormerEtcd(): Promise<Record<string, string>> {
  return ensurePrograms(formerEtcd);
}

/** Path of the program of a cluster's own registry, by name. Two minutes of building the first time. */
export function ensureDistribution(): Promise<Record<string, string>> {
  return ensurePrograms(distribution);
}

/** Path of kube-network-policies' program, by its name. Two minutes of building the first time. */
export function ensureKubeNetworkPolicies(): Promise<Record<string, string>> {
  return ensurePrograms(kubeNetworkPolicies);
}

/** Paths of Kubernetes' own conformance tests and of what they take, by name. Many minutes of building the first time: they import all of Kubernetes. */
export async function ensureConformance(): Promise<Record<string, string>> {
  return { ...(await ensurePrograms(conformance)), ...(await ensurePrograms(sampleApiserver)) };
}

async function ensurePrograms(group: Group<string>): Promise<Record<string, string>> {
  return allPrograms([await obtain(group)]);
}

/** The provider's generated SDK in node_modules, which the components and their tests are compiled against. */
export async function ensureSdk(): Promise<void> {
  await ensureToolchain({ need: ["sdk"] });
}

/** The tools that are in the cache, without getting any; asking for one that is not there throws. */
export function toolchain(): Toolchain {
  return present(new Set(groupNames)).toolchain;
}

interface Present {
  toolchain: Toolchain;
  require(name: GroupName): Obtained;
}

function present(wanted: ReadonlySet<GroupName>): Present {
  const obtained = new Map<GroupName, Obtained>();
  for (const name of wanted) {
    const found = lookUp(groupOf(name));
    if (found) obtained.set(name, found);
  }
  return {
    toolchain: new Toolchain(obtained),
    require: (name) => {
      const found = obtained.get(name);
      if (!found)
        throw new Error(`tool group ${name} is not in the cache: call ensureToolchain first`);
      return found;
    },
  };
}

/** Enough of the environment to generate an SDK, which needs no command provider. */
function engineEnvironment(found: Present): Record<string, string> {
  const engine = layOutEngine(engineGroups.map((name) => found.require(name)));
  return {
    PATH: `${engine}:${process.env["PATH"] ?? ""}`,
    PULUMI_HOME: layOutHome(
      ["bridge" as const, "provider" as const].map((name) => found.require(name)),
    ),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
  };
}
