import { tagNames } from "../../../components/plan/roles";
import { type Stack } from "../../facts/stack";
import { type Kind } from "../../facts/types";
import { isUnknown, object, text } from "../../facts/values";
import { type Finding, type Rule } from "../rule";

interface Parameters {
  /** Names of tags that every resource that takes tags has. */
  tags: string[];
}

/** Kinds that take tags in every version of the provider. */
const taggable: readonly Kind[] = [
  "instance",
  "disk",
  "vpc",
  "subnet",
  "securityGroup",
  "keyPair",
  "eip",
  "balancer",
];

/** Kinds whose cluster the other rules go by. */
const counted: readonly Kind[] = ["instance", "disk"];

/** Looks for the tags of resources. */
export const requiredTags: Rule<Parameters> = {
  id: "cluster-required-tags",
  description:
    "Every instance and disk says by its tag kubernetes-ha/cluster what cluster it is of.",
  level: "mandatory",
  why: "Members are counted by cluster: one without the tag is missed in one count and makes another of its own.",
  source: "docs/architecture.md, Names and addresses derive from keys",
  fix: "Set the tag",
  scope: "stack",
  parameters: {
    tags: {
      type: "array",
      items: { type: "string" },
      default: [],
      description:
        "Names of tags that every resource that takes tags must have, such as that of a cost centre.",
    },
  },
  judge: (stack, { tags }) => [
    ...counted.flatMap((kind) => missing(stack, kind, [tagNames.cluster])),
    ...taggable.flatMap((kind) => missing(stack, kind, tags)),
  ],
};

function missing(stack: Stack, kind: Kind, names: readonly string[]): Finding[] {
  if (names.length === 0) return [];
  return stack.of(kind).flatMap(({ urn, props }): Finding[] => {
    if (isUnknown(props.tags)) {
      const message = "the tags of the resource are known only after the update";
      return [{ message, fix: "Write them down in the program", urn, undecided: true }];
    }
    const has = object(props.tags);
    const absent = names.filter((name) => text(has[name]) === undefined && !isUnknown(has[name]));
    return absent.length === 0
      ? []
      : [{ message: `the resource has no tag ${absent.join(", ")}`, urn }];
  });
}
