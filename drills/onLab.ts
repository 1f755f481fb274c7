import { LabCluster } from "../lab/cluster";
import { up } from "../lab/commands/up";
import type { Variation } from "../lab/examples";
import type { LabIdentity } from "../lab/identity";
import { Lab } from "../lab/lab";
import { type ContractOptions, type ContractResult, tryContract } from "./contract";
import { siteOf } from "./site";

/** A cluster to try the contract on, as examples of the lab name it. */
export interface Kind extends Required<Pick<Variation, "entry" | "topology">> {
  /** Zones it is spread over. @default 1 */
  zones?: number;
}

/**
 * Brings a cluster of a kind up on a lab, tries the contract on it and takes the lab down again.
 *
 * @param keep Take the lab that is up, and leave it up.
 */
export async function contractOnLab(
  identity: LabIdentity,
  kind: Kind,
  { keep = false, ...options }: ContractOptions & { keep?: boolean } = {},
): Promise<ContractResult> {
  const lab = new Lab(identity);
  if (!keep) await lab.down();
  try {
    await up(identity, kind);
    return await tryContract(siteOf(new LabCluster(identity)), options);
  } finally {
    if (!keep) await lab.down();
  }
}
