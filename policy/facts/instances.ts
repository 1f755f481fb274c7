import { dutiesByTags, type Duty, isRole, type Role, tagNames } from "../../components/plan/roles";
import { type Resource, type Stack } from "./stack";
import { isUnknown, object, text } from "./values";

/** An instance and what its tags say of it. Whatever a tag does not say is undefined. */
export interface TaggedInstance {
  resource: Resource;
  /** Cluster; of instances without the tag, the empty text. */
  cluster: string;
  role: Role | undefined;
  /** What it does; nothing where the role is not known. */
  duties: readonly Duty[];
  /** The role tag as it is written, when it is none of the roles. */
  unknownRole: string | undefined;
  /** Role or cluster are known only after the update; the instance has no role until then. */
  undecided: boolean;
}

/** All instances of a stack, with their tags read. */
export function instancesOf(stack: Stack): readonly TaggedInstance[] {
  return stack.facts(readInstances);
}

/** Instances that have a duty, by cluster. */
export function membersByCluster(stack: Stack, duty: Duty): ReadonlyMap<string, TaggedInstance[]> {
  return groupBy(
    instancesOf(stack).filter(({ duties }) => duties.includes(duty)),
    ({ cluster }) => cluster,
  );
}

/** Name of a cluster as messages have it. */
export function clusterName(cluster: string): string {
  return cluster === "" ? "(no cluster tag)" : cluster;
}

/** Lists of what has the same key, in the order met. */
export function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

function readInstances(stack: Stack): TaggedInstance[] {
  return stack.of("instance").map((resource) => {
    const { tags: given } = resource.props;
    const tags = object(given);
    const [cluster, tagged] = [tags[tagNames.cluster], tags[tagNames.role]];
    const listed = tags[tagNames.duties];
    const undecided = [given, cluster, tagged, listed].some(isUnknown);
    const role = isRole(tagged) && !undecided ? tagged : undefined;
    return {
      resource,
      cluster: text(cluster) ?? "",
      role,
      duties: role === undefined ? [] : dutiesByTags(role, text(listed)),
      unknownRole: isRole(tagged) ? undefined : text(tagged),
      undecided,
    };
  });
}
