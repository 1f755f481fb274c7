import * as pulumi from "@pulumi/pulumi";
import * as tencentcloud from "@pulumi/tencentcloud";
import type { SnapshotStorePlan } from "./plan/etcd";

/** Arguments of {@link SnapshotRole}. */
export interface SnapshotRoleArgs {
  plan: SnapshotStorePlan;
  tags: Record<string, string>;
}

/**
 * What members of etcd put their snapshots into the object storage with: a role that only CVMs take on, and that may put objects below the cluster's prefix of
 * the bucket. It may neither read nor delete one, so that who has taken a member has not taken the snapshots. Hosts ask the platform for its temporary
 * keys; no key is placed anywhere.
 */
export class SnapshotRole extends pulumi.ComponentResource {
  /** Name of the role, for the instances that have it. */
  readonly roleName: pulumi.Output<string>;

  constructor(name: string, args: SnapshotRoleArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kubernetes-ha:index:SnapshotRole", name, {}, opts);
    const { bucket, region, appId, prefix, role: roleName } = args.plan;
    // An account has a name once.
    const inside = { parent: this, deleteBeforeReplace: true };
    const statement = (fields: object) => JSON.stringify({ version: "2.0", statement: [fields] });
    const role = new tencentcloud.CamRole(
      name,
      {
        name: roleName,
        document: statement({
          action: "name/sts:AssumeRole",
          effect: "allow",
          principal: { service: ["cvm.qcloud.com"] },
        }),
        consoleLogin: false,
        description: "Members of etcd put snapshots into the object storage",
        tags: args.tags,
      },
      inside,
    );
    const policy = new tencentcloud.CamPolicy(
      name,
      {
        name: roleName,
        document: statement({
          action: ["name/cos:PutObject"],
          effect: "allow",
          resource: [`qcs::cos:${region}:uid/${appId}:${bucket}/${prefix}*`],
        }),
        description: "Snapshots of etcd may be put, and nothing else",
      },
      inside,
    );
    new tencentcloud.CamRolePolicyAttachment(
      name,
      { roleId: role.id, policyId: policy.id },
      inside,
    );
    this.roleName = role.name;
    this.registerOutputs({ roleName: this.roleName });
  }
}
