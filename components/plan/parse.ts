import { ClusterConfigError } from "./problems";
import { clusterRules } from "./rules";
import { type ClusterConfig, clusterSchema, sections } from "./schema";
import { shapeProblems } from "./shape";

/** Sections that could be read; a rule looks only at those it needs. */
export type ReadSections = Partial<ClusterConfig>;

/**
 * Reads the configuration object of a cluster.
 * @returns it with every default filled in.
 * @throws ClusterConfigError listing everything that is wrong, shape and cross-field rules alike, each with its path, the
 * value got, the values allowed and what to change.
 */
export function parseClusterConfig(input: unknown): ClusterConfig {
  const whole = clusterSchema.safeParse(input);
  const shape = whole.success ? [] : shapeProblems(clusterSchema, input, whole.error, moved);
  // Rules run over whatever could be read, so that one mistake in a section does not hide those in the others.
  const read = whole.success ? whole.data : readSections(input);
  const problems = [...shape, ...clusterRules.flatMap((rule) => rule(read))];
  if (problems.length > 0 || !whole.success) throw new ClusterConfigError(problems);
  return whole.data;
}

function readSections(input: unknown): ReadSections {
  if (typeof input !== "object" || input === null) return {};
  const entries = Object.entries(sections).flatMap(([key, schema]) => {
    const section = schema.safeParse((input as Record<string, unknown>)[key]);
    return section.success ? [[key, section.data] as const] : [];
  });
  return Object.fromEntries(entries);
}

const workersAlone =
  "Remove it; only workers may be spot or prepaid: others are members of something that must not end by itself";

/** Settings that are elsewhere: those of earlier versions, and what stands for them now, and those that not every host has. */
const moved: Readonly<Record<string, string>> = {
  "bastion.charge": workersAlone,
  "etcd.charge": workersAlone,
  "masters.charge": workersAlone,
  "entry.balancers.charge": workersAlone,
  "entry.directors.charge": workersAlone,
  artifacts: "It is sources.baseUrl and sources.checksums, with sources.kind mirror",
  "images.repository": "It is sources.imageRepository, with sources.kind mirror",
};
