import { stringify } from "yaml";
import type { HostSpec } from "./types";

/** cloud-init's NoCloud meta data of an instance. */
export function metaData(spec: HostSpec): string {
  return stringify({
    "instance-id": spec.instanceId,
    "local-hostname": spec.hostName,
    ...(spec.publicKeys.length > 0 && { "public-keys": spec.publicKeys }),
  });
}
