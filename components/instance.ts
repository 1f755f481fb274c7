import * as pulumi from "@pulumi/pulumi";
import type * as tencentcloud from "@pulumi/tencentcloud";
import { getPackage, getVersion } from "@pulumi/tencentcloud/bin/utilities";
import { instanceToken } from "./errors/turns";
import type { HostContext } from "./host";
import { chargeTypes, renewalOf } from "./plan/charge";
import type { HostPlan } from "./plan/cluster";
import { isKept } from "./plan/roles";
import type { Charge } from "./plan/schema/workers";
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

/** How a machine is paid for. */
function chargeArgs(charge: Charge): Partial<tencentcloud.InstanceArgs> {
  switch (charge.kind) {
    // The API's default: not said, as of machines that were made before it could be said.
    case "hourly":
      return {};
    case "spot":
      return {
        instanceChargeType: chargeTypes.spot,
        spotInstanceType: "ONE-TIME",
        spotMaxPrice: charge.maxPrice,
      };
    case "prepaid":
      return {
        instanceChargeType: chargeTypes.prepaid,
        instanceChargeTypePrepaidPeriod: charge.months,
        instanceChargeTypePrepaidRenewFlag: renewalOf(charge),
        // Out of the recycle bin as well, where it would hold its address for a week.
        forceDelete: true,
      };
  }
}

/** What of a machine was paid when it was ordered: the provider would order it once more. */
function paidKept({ kind }: Charge): string[] {
  return kind === "prepaid" ? ["instanceChargeTypePrepaidPeriod"] : [];
}

/** The CVM of a host. What it was born with stays: a new image or new user data is for new hosts. */
export function createInstance(
  plan: HostPlan,
  context: HostContext,
  parent: pulumi.Resource,
): Instance {
  const { network, placement, pki } = context;
  const userData = pulumi
    .all([pki.operatorKeys.map(({ key }) => key), pki.hostKey(plan.name)])
    .apply(([operator, hostKey]) =>
      renderUserData({
        host: plan,
        user: context.user,
        operatorPublicKeys: operator.map(({ publicKey }) => publicKey),
        hostKey,
      }),
    );
  return new Instance(
    plan.name,
    {
      instanceName: plan.name,
      hostname: plan.name,
      availabilityZone: plan.zone,
      imageId: plan.imageId,
      instanceType: plan.instanceType,
      systemDiskType: plan.systemDisk.type,
      systemDiskSize: plan.systemDisk.sizeGiB,
      // Not said is not encrypted, as of machines that were made before it could be said; not every provider's SDK has it.
      ...(context.encryptSystemDisks ? { systemDiskEncrypt: true } : {}),
      vpcId: network.vpcId,
      subnetId: network.subnet(plan.zone).id,
      privateIp: plan.address,
      orderlySecurityGroups: [network.securityGroup(plan.securityGroup).id],
      keyIds: [context.keyPairId],
      userDataRaw: pulumi.secret(userData),
      ...chargeArgs(plan.charge),
      ...instancePlacement(placement.groupId(plan.placementGroup)),
      ...camRole(plan, context),
      tags: plan.tags,
    },
    {
      parent,
      ...(isKept(plan) ? { protect: true } : {}),
      // The engine takes one that was not there before for no change.
      replacementTrigger: plan.generation,
      // Its private address is held by one machine at a time.
      deleteBeforeReplace: true,
      // Newer providers read user data back, in base64: it holds the host's private key.
      additionalSecretOutputs: ["userData", "userDataRaw"],
      // The image id re-images a machine in place, etcd's and the masters' included; user data replaces it; another key pair stops it. None may
      // happen to a host that lives.
      ignoreChanges: ["imageId", "userDataRaw", "keyIds", ...paidKept(plan.charge), ...roleKept()],
    },
  );
}
