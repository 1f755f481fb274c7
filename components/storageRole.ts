import * as pulumi from "@pulumi/pulumi";
import * as tencentcloud from "@pulumi/tencentcloud";
import type { ObjectStorePlan } from "./plan/objectStorage";

/** What hosts may do in the object storage. */
export interface StorageRights {
  /** For people: what they do there, and what they may do. */
  description: string;
  policy: string;
  /** `PutObject`. Lists are judged by the prefix that they ask for. */
  actions: readonly string[];
}

/**
 * A role that only CVMs take on, and what it may do with what lies below its prefix of a bucket. Hosts ask the platform for its temporary keys; no key is placed anywhere.
 * @returns its name, for the instances that have it.
 */
export function createStorageRole(
  name: string,
  store: ObjectStorePlan,
  rights: StorageRights & { tags: Record<string, string> },
  parent: pulumi.Resource,
): pulumi.Output<string> {
  // An account has a name once.
  const inside = { parent, deleteBeforeReplace: true };
  const document = (statement: object) =>
    JSON.stringify({ version: "2.0", statement: [statement] });
  const role = new tencentcloud.CamRole(
    name,
    {
      name: store.role,
      document: document({
        action: "name/sts:AssumeRole",
        effect: "allow",
        principal: { service: ["cvm.qcloud.com"] },
      }),
      consoleLogin: false,
      description: rights.description,
      tags: rights.tags,
    },
    inside,
  );
  const policy = new tencentcloud.CamPolicy(
    name,
    {
      name: store.role,
      document: document({
        action: rights.actions.map((action) => `name/cos:${action}`),
        effect: "allow",
        resource: [`qcs::cos:${store.region}:uid/${store.appId}:${store.bucket}/${store.prefix}*`],
      }),
      description: rights.policy,
    },
    inside,
  );
  new tencentcloud.CamRolePolicyAttachment(name, { roleId: role.id, policyId: policy.id }, inside);
  return role.name;
}
