import * as pulumi from "@pulumi/pulumi";
import type { ClusterPki } from "./pki/clusterPki";
import type { ClusterPlan } from "./plan/cluster";
import type { PlacedFile } from "./remote/remoteStep";
import { paths, renderDepartureKeys, renderDepartureRights } from "./render";

/** What lets the bastion have a master or a member of etcd take out others that leave, whichever step places it. */
export function departureAccess(
  { bastion }: Pick<ClusterPlan, "bastion">,
  { departureKey }: Pick<ClusterPki, "departureKey">,
): PlacedFile[] {
  return [
    {
      path: paths.departureKeys,
      // Derived from a secret, but public by nature.
      content: pulumi.unsecret(
        departureKey.apply(({ publicKey }) => renderDepartureKeys(bastion, publicKey)),
      ),
    },
    { path: paths.departureRights, content: renderDepartureRights(), mode: "0440" },
  ];
}
