import { existsSync } from "node:fs";
import { join } from "node:path";
import type { LabIdentity } from "../identity";
import { must } from "../process";
import {
  metadataAddress,
  mirrorAddress,
  nowhereLink,
  operatorAddress,
  operatorGateway,
  operatorLink,
  resolvers,
} from "./addresses";

/**
 * Makes the operator's and the fabric's network namespaces and the link between them. Nothing of the machine's own network is touched and
 * nothing in them is routed outside, so two labs may use the same ranges. Safe to call again.
 */
export async function ensureNamespaces(
  lab: Pick<LabIdentity, "operatorNetns" | "fabricNetns">,
): Promise<void> {
  await must(
    ["bash", join(__dirname, "scripts", "namespaces.sh"), lab.fabricNetns, lab.operatorNetns],
    {
      env: {
        OPERATOR_ADDRESS: operatorAddress,
        OPERATOR_GATEWAY: operatorGateway,
        OPERATOR_LINK: operatorLink,
        NOWHERE_LINK: nowhereLink,
        PLATFORM_ADDRESSES: [mirrorAddress, metadataAddress, ...resolvers].join(" "),
      },
      timeoutSeconds: 30,
    },
  );
}

/** Whether a named network namespace exists. */
export function netnsExists(name: string): boolean {
  return existsSync(`/run/netns/${name}`);
}
