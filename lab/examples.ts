import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { keyPlace } from "../components/plan/addresses";
import { inventoryOf } from "./cloud/settings";
import { someLabSettingsSchema, type LabSettings } from "./settings";

/** What of a stack's configuration `npm run lab -- up` varies, a directory of examples each. */
export const variations = [
  "entry",
  "topology",
  "sources",
  "registry",
  "netpol",
  "monitoring",
] as const;

/** By what varies: the name of an example, its file without `.yaml`. */
export type Variation = Partial<Record<(typeof variations)[number], string>>;

const section = z.record(z.string(), z.unknown());

/** A file of `lab/examples/<what varies>`. */
const exampleSchema = z.strictObject({
  /** Settings that a new lab needs for it, beyond the defaults. */
  lab: someLabSettingsSchema.omit({ zones: true, addons: true }).default({}),
  /** Sections of the cluster's configuration that stand in the place of others. */
  sections: section.default({}),
  /** Settings within sections, beside those that are there. */
  settings: z.record(z.string(), section).default({}),
});

type Example = z.output<typeof exampleSchema>;

/** A stack's configuration file, as far as it is varied. */
interface StackConfig {
  config: Record<string, unknown>;
}

/** Where a stack has the configuration of its cluster. */
export const clusterKey = "tencentcloud-kubernetes-ha:cluster";
const directory = join(__dirname, "examples");

/** Names of the examples there are. */
export function examplesOf(what: keyof Variation): string[] {
  const names = readdirSync(join(directory, what));
  return names.map((name) => basename(name, ".yaml")).sort();
}

function readExamples(variation: Variation): Example[] {
  return variations.flatMap((what) => {
    const name = variation[what];
    if (name === undefined) return [];
    const file = join(directory, what, `${name}.yaml`);
    if (!existsSync(file))
      throw new Error(`--${what}: got "${name}"; allowed are ${examplesOf(what).join(", ")}`);
    return [exampleSchema.parse(parse(readFileSync(file, "utf8")))];
  });
}

/**
 * Settings that a new lab needs for the examples.
 *
 * @throws Error naming the examples there are.
 */
export function labSettingsOf(variation: Variation): Partial<LabSettings> {
  const needed: Partial<LabSettings> = {};
  for (const { lab } of readExamples(variation)) {
    const { network, ownKernel, internet, registry } = lab;
    if (network) needed.network = network;
    if (internet !== undefined) needed.internet = internet;
    if (registry !== undefined) needed.registry = registry;
    if (ownKernel) needed.ownKernel = { ...needed.ownKernel, ...ownKernel };
  }
  return needed;
}

/**
 * A stack's configuration with the examples in it, its members spread over the zones of the lab.
 *
 * @param text The configuration file it is made from.
 * @param zones How many zones have physical hosts; with one, every member stays where the file has it.
 * @throws Error naming the examples there are.
 */
export function exampleConfig(text: string, variation: Variation, zones = 1): StackConfig {
  const stack = parse(text) as StackConfig;
  const cluster = stack.config[clusterKey] as Cluster;
  const varied = readExamples(variation).reduce(withExample, cluster);
  return { ...stack, config: { ...stack.config, [clusterKey]: spread(varied, zones) } };
}

type Section = z.output<typeof section>;
type Cluster = Record<string, unknown>;

/** Whether a stack's configuration has network policies enforced, which an image of the mirror does. */
export function enforcesPolicies({ config }: StackConfig): boolean {
  const { podNetwork } = config[clusterKey] as { podNetwork?: { networkPolicy?: unknown } };
  return podNetwork?.networkPolicy === "kube-network-policies";
}

/** A stack's configuration with settings within sections, beside those that are there. */
export function withSettings(stack: StackConfig, settings: Example["settings"]): StackConfig {
  const cluster = withExample(stack.config[clusterKey] as Cluster, { sections: {}, settings });
  return { ...stack, config: { ...stack.config, [clusterKey]: cluster } };
}

function withExample(
  cluster: Cluster,
  { sections, settings }: Pick<Example, "sections" | "settings">,
): Cluster {
  const merged = Object.entries(settings).map(([name, values]) => [
    name,
    { ...(cluster[name] as Section | undefined), ...values },
  ]);
  return { ...cluster, ...sections, ...(Object.fromEntries(merged) as Cluster) };
}

/** Members that a count or a list stands for, one in each zone in turn, by its key: it stays where it is when another one leaves. */
function over(zones: readonly string[], members: unknown): { key: string; zone: string }[] {
  const list = Array.isArray(members)
    ? (members as (string | { key: string })[])
    : Array.from({ length: members as number }, (_, index) => String(index + 1));
  return list.map((member) => {
    const key = typeof member === "string" ? member : member.key;
    return { key, zone: zones[(keyPlace(key) - 1) % zones.length] as string };
  });
}

/** One subnet a zone, `10.20.1.0/24` and up; etcd, masters and workers in every zone. Balancers stay: what they share may belong to one. */
function spread(cluster: Cluster, count: number): Cluster {
  if (count === 1) return cluster;
  const zones = inventoryOf(count)
    .zones.map(({ name }) => name)
    .slice(0, count);
  const inZones = (pool: Section): Section => ({ ...pool, members: over(zones, pool["members"]) });
  const { network, etcd, masters, workers } = cluster as Record<string, Section>;
  return {
    ...cluster,
    network: {
      ...network,
      zones: zones.map((zone, index) => ({ zone, subnetCidr: `10.20.${index + 1}.0/24` })),
    },
    // Stacked etcd has no members of its own.
    etcd: etcd?.["members"] === undefined ? etcd : inZones(etcd),
    masters: inZones(masters as Section),
    workers: (workers as unknown as Section[]).map(inZones),
  };
}
