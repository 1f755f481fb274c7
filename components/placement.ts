import * as pulumi from "@pulumi/pulumi";
import * as tencentcloud from "@pulumi/tencentcloud";
import type { PlacementGroupPlan } from "./plan/cluster";
import { keptRoles, type SpreadRole } from "./plan/roles";
import { placementGroupExtras } from "./provider";

/** Arguments of {@link PlacementGroups}. */
export interface PlacementGroupsArgs {
  /** One strict group a role. */
  plan: PlacementGroupPlan[];
}

/** The placement groups: members of one never share a physical machine; one that cannot be placed so is refused. */
export class PlacementGroups extends pulumi.ComponentResource {
  /** By role. */
  readonly groups: ReadonlyMap<SpreadRole, tencentcloud.PlacementGroup>;

  constructor(name: string, args: PlacementGroupsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kubernetes-ha:index:PlacementGroups", name, args, opts);
    this.groups = new Map(
      args.plan.map((group) => [
        group.role,
        new tencentcloud.PlacementGroup(
          `${name}-${group.role}`,
          { name: group.name, type: group.type, ...placementGroupExtras(group) },
          // Another group would be a second one beside that in which the members are; balancers' and directors' goes when they do. And a group that an older provider has made
          // names no affinity: that a newer one does is no reason to make it anew.
          {
            parent: this,
            ...(keptRoles.includes(group.role) ? { protect: true } : {}),
            ignoreChanges: ["affinity"],
          },
        ),
      ]),
    );
    this.registerOutputs({
      groupIds: Object.fromEntries([...this.groups].map(([role, { id }]) => [role, id])),
    });
  }

  /** Id of a role's group; undefined for a role that has none. */
  groupId(role: SpreadRole | undefined): pulumi.Output<string> | undefined {
    return role === undefined ? undefined : this.groups.get(role)?.id;
  }
}
