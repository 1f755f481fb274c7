import type * as pulumi from "@pulumi/pulumi";
import * as tencentcloud from "@pulumi/tencentcloud";
import semver from "semver";
import type { PlacementGroupPlan } from "./plan/cluster";
import { type ClusterConfig, ClusterConfigError } from "./plan/config";

/**
 * The one place that knows what versions of the tencentcloud provider have. toolchain/versions.json pins the newest for people;
 * where that cannot be had, an older one serves, and a feature it lacks is done without as said here.
 */
const since = {
  /** Placement groups take `affinity` and `tags`. Without: the API's default affinity is 1, which is what we want. */
  placementGroupAffinity: "1.81.175",
  /** Instances take `disasterRecoverGroupIds`. Without: `placementGroupId`. */
  disasterRecoverGroupIds: "1.82.59",
  /** A HAVIP may be kept to associated instances. Without: any instance of the subnet may take the address. */
  haVipAssociation: "1.82.21",
  /** A listener resets connections to targets that are gone. Without: they last until their clients' own limit. */
  connectionResets: "1.82.45",
  /** An instance that lives takes another role; this version has it, which was the first is not known. Without: it keeps the one it was made with. */
  roleOfLiving: "1.83.25",
  /** System disks may be encrypted; this version has it, which was the first is not known. Without: refused where it is wanted. */
  encryptedSystemDisks: "1.83.25",
  /** Target groups take tags; this version has them, which was the first is not known. Without: they are known by their names. */
  targetGroupTags: "1.83.25",
} as const;

/** A feature that not every version has. */
export type ProviderFeature = keyof typeof since;

/** Version of the tencentcloud provider that the installed SDK was generated from. @throws when there is no SDK. */
export function providerVersion(): string {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- generated: not there when this is compiled
  const manifest = require("@pulumi/tencentcloud/package.json") as {
    version?: string;
    pulumi?: { parameterization?: { version?: string } };
  };
  const version = manifest.pulumi?.parameterization?.version ?? manifest.version;
  if (version === undefined || semver.valid(version) === null) {
    throw new Error(
      "@pulumi/tencentcloud names no version: generate it anew with `npm run sdk`, or `pulumi package add terraform-provider tencentcloudstack/tencentcloud` in a stack of your own",
    );
  }
  return version;
}

/** Whether the installed provider has a feature. */
export function has(feature: ProviderFeature, version = providerVersion()): boolean {
  return semver.gte(version, since[feature]);
}

/** What a placement group takes besides name and type. */
export function placementGroupExtras(plan: PlacementGroupPlan, version?: string): object {
  return has("placementGroupAffinity", version) ? { affinity: plan.affinity, tags: plan.tags } : {};
}

/** How an instance is put into its placement group. */
export function instancePlacement(
  groupId: pulumi.Input<string> | undefined,
  version?: string,
): object {
  if (groupId === undefined) return {};
  // The plain field re-sends the old group on versions that have the list.
  return has("disasterRecoverGroupIds", version)
    ? { disasterRecoverGroupIds: [groupId] }
    : { placementGroupId: groupId };
}

/** @throws ClusterConfigError when the installed provider cannot make what is configured. */
export function checkProvider({ host }: ClusterConfig, version?: string): void {
  if (!host.encryptSystemDisks || has("encryptedSystemDisks", version)) return;
  const message = `got true, but provider ${version ?? providerVersion()} cannot ask for it`;
  const fix = `Use provider ${since.encryptedSystemDisks} or later, or leave it out`;
  throw new ClusterConfigError([{ path: "host.encryptSystemDisks", message, fix }]);
}

/** What of an instance stays as it was made, lest the instance be replaced for it. */
export function roleKept(version?: string): string[] {
  return has("roleOfLiving", version) ? [] : ["camRoleName"];
}

/** What a HAVIP takes besides its place and address. */
export function haVipExtras(version?: string): object {
  return has("haVipAssociation", version) ? { checkAssociate: true } : {};
}

/** What a CLB's listener takes besides where it listens and how it checks: a target that is gone is not waited for by those it had. */
export function listenerExtras(version?: string): object {
  return has("connectionResets", version)
    ? { deregisterTargetRst: true, rescheduleUnhealthy: true, rescheduleTargetZeroWeight: true }
    : {};
}

/** What a target group takes besides name, place and port. */
export function targetGroupExtras(tags: Record<string, string>, version?: string): object {
  return has("targetGroupTags", version) ? { tags } : {};
}

/** What lets one instance take a HAVIP. */
export interface HaVipAssociationArgs {
  haVipId: pulumi.Input<string>;
  instanceId: pulumi.Input<string>;
}

type HaVipAssociation = new (
  name: string,
  args: HaVipAssociationArgs & { instanceType: string },
  opts: pulumi.CustomResourceOptions,
) => pulumi.CustomResource;

/**
 * Lets an instance take a HAVIP that is kept to associated instances ({@link haVipExtras}).
 * @returns undefined where the provider knows no association: there any instance of the subnet may take the address.
 */
export function associateHaVip(
  name: string,
  args: HaVipAssociationArgs,
  opts: pulumi.CustomResourceOptions,
  version?: string,
): pulumi.CustomResource | undefined {
  if (!has("haVipAssociation", version)) return undefined;
  // Not in the SDK of older versions, which this is compiled against as well.
  const sdk = tencentcloud as unknown as { HaVipInstanceAttachment: HaVipAssociation };
  return new sdk.HaVipInstanceAttachment(name, { ...args, instanceType: "CVM" }, opts);
}
