import * as pulumi from "@pulumi/pulumi";
import type { ClusterPlan } from "./plan/cluster";
import { parseRegistryLogins, type RegistryLogins } from "./plan/registryLogins";
import type { PlacedFile } from "./remote/remoteStep";
import { paths, renderRegistryLogins } from "./render";

/**
 * The file that a kubelet has its logins to registries from, which it reads anew every five minutes. It is there without any as well, so that those that
 * are taken out are gone.
 */
export function registryLoginsFile(
  { config }: Pick<ClusterPlan, "config">,
  logins: pulumi.Input<RegistryLogins> | undefined,
): PlacedFile {
  const read = pulumi.output(logins ?? {}).apply((known) => parseRegistryLogins(known, config));
  return { path: paths.kubeletLogins, content: read.apply(renderRegistryLogins) };
}
