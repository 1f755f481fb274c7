import * as pulumi from "@pulumi/pulumi";
import type * as tencentcloud from "@pulumi/tencentcloud";
import { getPackage, getVersion } from "@pulumi/tencentcloud/bin/utilities";
import { instanceToken } from "./errors/turns";
import type { HostContext } from "./host";
import type { HostPlan } from "./plan/cluster";
import { keptRoles } from "./plan/roles";
import { instancePlacement, roleKept } from "./provider";
import { renderUserData } from "./userData";

/**
 * A CVM as the SDK's `Instance` makes it, with those of its outputs alone that are read here. That class makes some ten promises for each of its 80 fields,
 * whether anybody sets or reads them, and keeps them until the engine has made the machine: 115 MiB of the program's memory at 500 hosts.
 */
export class Instance extends pulumi.CustomResource {
  /** When it was made, ISO 8601. */
  declare readonly createTime: tencentcloud.Instance["createTime"];
  /** Its address in the subnet. */
  declare readonly privateIp: tencentcloud.Instance["privateIp"];

  constructor(name: string, args: tencentcloud.InstanceArgs, opts: pulumi.CustomResourceOptions) {
    super(
      instanceToken,
      name,
      { createTime: undefined, privateIp: undefined, ...args },
      { version: getVersion(), ...opts },
      false,
      getPackage(),
    );
  }
}

/** The role of CAM that a host has by what it does: one at most. */
function camRole({ duties }: HostPlan, { roles = {} }: HostContext) {
  const [role] = duties.flatMap((duty) => roles[duty] ?? []);
  return role === undefined ? {} : { camRoleName: role };
}

/** The CVM of a host. What it was born with stays: a new image or new user data is for new hosts. */
export function createInstance(
  plan: HostPlan,
  context: HostContext,
  parent: pulumi.Resource,
): Instance {
  const { network, placement, pki } = context;
  const userData = pulumi
    .all([pki.operatorKey, pki.hostKey(plan.name)])
    .apply(([operator, hostKey]) =>
      renderUserData({
        host: plan,
        user: context.user,
        operatorPublicKey: operator.publicKey,
        hostKey,
      }),
    );
  return new Instance(
    plan.name,
    {
      instanceName: plan.name,
      hostname: plan.name,
      availabilityZone: plan.zone,
      imageId: context.imageId,
      instanceType: plan.instanceType,
      systemDiskType: plan.systemDisk.type,
      systemDiskSize: plan.systemDisk.sizeGiB,
      vpcId: network.vpcId,
      subnetId: network.subnet(plan.zone).id,
      privateIp: plan.address,
      orderlySecurityGroups: [network.securityGroup(plan.securityGroup).id],
      keyIds: [context.keyPairId],
      userDataRaw: pulumi.secret(userData),
      ...instancePlacement(placement.groupId(plan.placementGroup)),
      ...camRole(plan, context),
      tags: plan.tags,
    },
    {
      parent,
      ...(keptRoles.includes(plan.role) && plan.leaving !== true ? { protect: true } : {}),
      // The engine takes one that was not there before for no change.
      replacementTrigger: plan.generation,
      // Its private address is held by one machine at a time.
      deleteBeforeReplace: true,
      // Newer providers read user data back, in base64: it holds the host's private key.
      additionalSecretOutputs: ["userData", "userDataRaw"],
      // The image id re-images a machine in place, etcd's and the masters' included; user data replaces it. Neither may
      // happen to a host that lives.
      ignoreChanges: ["imageId", "userDataRaw", ...roleKept()],
    },
  );
}
