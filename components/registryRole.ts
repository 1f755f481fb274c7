import * as pulumi from "@pulumi/pulumi";
import type { RegistryPlan } from "./plan/cluster";
import { createStorageRole } from "./storageRole";

/** Arguments of {@link RegistryRole}. */
export interface RegistryRoleArgs {
  plan: RegistryPlan;
  tags: Record<string, string>;
}

/** What Distribution's driver does. A copy, of a whole object or of a part, is a read and a write. */
const actions = [
  ...["GetBucket", "GetObject", "HeadObject", "PutObject", "DeleteMultipleObjects", "DeleteObject"],
  ...["InitiateMultipartUpload", "ListMultipartUploads", "UploadPart", "UploadPartCopy"],
  ...["ListParts", "CompleteMultipartUpload", "AbortMultipartUpload"],
];

/**
 * What the registry's hosts keep images in the object storage with: a role that only CVMs take on, for what lies below the registry's prefix of the bucket.
 * Hosts ask the platform for its temporary keys; no key is placed anywhere.
 */
export class RegistryRole extends pulumi.ComponentResource {
  /** Name of the role, for the instances that have it. */
  readonly roleName: pulumi.Output<string>;

  constructor(name: string, args: RegistryRoleArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kubernetes-ha:index:RegistryRole", name, {}, opts);
    const rights = {
      description: "Hosts of the registry keep images in the object storage",
      policy: "Images of the registry, and nothing else",
      actions,
      tags: args.tags,
    };
    this.roleName = createStorageRole(name, args.plan.store, rights, this);
    this.registerOutputs({ roleName: this.roleName });
  }
}
