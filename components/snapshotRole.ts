import * as pulumi from "@pulumi/pulumi";
import type { SnapshotStorePlan } from "./plan/etcd";
import { createStorageRole } from "./storageRole";

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
    const rights = {
      description: "Members of etcd put snapshots into the object storage",
      policy: "Snapshots of etcd may be put, and nothing else",
      actions: ["PutObject"],
      tags: args.tags,
    };
    this.roleName = createStorageRole(name, args.plan, rights, this);
    this.registerOutputs({ roleName: this.roleName });
  }
}
