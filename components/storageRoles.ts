import type * as pulumi from "@pulumi/pulumi";
import type { HostContext } from "./host";
import type { ClusterPlan } from "./plan/cluster";
import { RegistryRole } from "./registryRole";
import { SnapshotRole } from "./snapshotRole";

/** Roles of CAM for the part of the object storage that hosts use, by what the hosts do. */
export function storageRoles(
  { snapshotStore, registry, tags }: ClusterPlan,
  opts: pulumi.ComponentResourceOptions,
): NonNullable<HostContext["roles"]> {
  return {
    ...(snapshotStore && {
      etcd: new SnapshotRole(snapshotStore.role, { plan: snapshotStore, tags }, opts).roleName,
    }),
    ...(registry && {
      registry: new RegistryRole(registry.store.role, { plan: registry, tags }, opts).roleName,
    }),
  };
}
