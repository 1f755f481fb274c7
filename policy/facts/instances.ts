import { type PolicyResource } from "@pulumi/policy";
import { isRole, type Role, tagNames } from "../../components/plan/roles";
import { types } from "./types";

/** An instance and what its tags say of it. Whatever a tag does not say is undefined. */
export interface TaggedInstance {
  resource: PolicyResource;
  cluster: string | undefined;
  role: Role | undefined;
  /** The role tag as it is written, when it is none of the roles. */
  unknownRole: string | undefined;
}

/** All instances of a stack. Reading a tag that is not known before the update stops the policy, as it cannot decide. */
export function instancesOf(resources: readonly PolicyResource[]): TaggedInstance[] {
  return resources
    .filter(({ type }) => type === types.instance)
    .map((resource) => {
      const tags = (resource.props.tags ?? {}) as Record<string, string | undefined>;
      const role = tags[tagNames.role];
      return {
        resource,
        cluster: tags[tagNames.cluster],
        role: isRole(role) ? role : undefined,
        unknownRole: isRole(role) ? undefined : role,
      };
    });
}
