import { existsSync } from "node:fs";
import { join } from "node:path";
import type { LabIdentity } from "../identity";
import { must } from "../process";
import { mounts } from "./mounts";
import {
  apiAddress,
  internetAddress,
  metadataAddress,
  storageAddress,
  mirrorAddress,
  nowhereLink,
  operatorAddress,
  operatorGateway,
  operatorLink,
  probeRange,
  resolvers,
} from "./addresses";

const scripts = join(__dirname, "scripts");
/** Where iproute2 keeps the names. */
const directory = "/run/netns";

/**
 * Makes the operator's and the fabric's network namespaces and the link between them. Nothing of the machine's own network is touched and
 * nothing in them is routed outside, so two labs may use the same ranges. Safe to call again.
 */
export async function ensureNamespaces(
  lab: Pick<LabIdentity, "operatorNetns" | "fabricNetns">,
): Promise<void> {
  await must(["bash", join(scripts, "namespaces.sh"), lab.fabricNetns, lab.operatorNetns], {
    env: {
      OPERATOR_ADDRESS: operatorAddress,
      OPERATOR_GATEWAY: operatorGateway,
      OPERATOR_LINK: operatorLink,
      NOWHERE_LINK: nowhereLink,
      PROBE_RANGE: probeRange,
      PLATFORM_ADDRESSES: [
        ...[mirrorAddress, metadataAddress, storageAddress, apiAddress, internetAddress],
        ...resolvers,
      ].join(" "),
    },
    timeoutSeconds: 30,
  });
}

/** A lab's named network namespaces, with the kernel's names (`net:[4026531840]`) of what is mounted there: none, or several, one over the other. */
export function namespacesOf(labId: string): { name: string; ids: string[] }[] {
  const mounted = mounts();
  return [`${labId}-op`, `${labId}-vpc`]
    .map((name) => {
      const here = mounted.filter(({ path }) => path === join(directory, name));
      return { name, ids: here.map(({ root }) => root) };
    })
    .filter(({ name, ids }) => ids.length > 0 || existsSync(join(directory, name)));
}

/**
 * Removes a named network namespace; who is in it stays in it. Twice is fine.
 *
 * @throws Error with the system's reason.
 */
export async function removeNamespace(name: string): Promise<void> {
  await must(["unshare", "--mount", "--", join(scripts, "remove-namespace.sh"), name]);
  if (existsSync(join(directory, name))) throw new Error("its name is still there");
}
