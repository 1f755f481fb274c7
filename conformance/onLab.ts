import { openProxy } from "../operations/access/proxy";
import { mirrorAddress } from "../lab/hosts/addresses";
import type { LabIdentity } from "../lab/identity";
import { Engine } from "../lab/engine";
import { Lab } from "../lab/lab";
import { ensureEverything } from "../lab/material";
import { Operator } from "../lab/operator";
import { requireRoot } from "../lab/present";
import { bringUp } from "../lab/up";
import { imagePrefix } from "../mirror/layout";
import { ensureConformance } from "../toolchain";
import { step } from "../toolchain/progress";
import type { Site } from "./ginkgo";

/**
 * A lab whose mirror has what tests take, its cluster Ready; the one that is up if there is one.
 *
 * @returns where tests run from, and the lab, which is the caller's to take down.
 */
export async function siteOnLab(identity: LabIdentity): Promise<{ site: Site; lab: Lab }> {
  requireRoot();
  const { toolchain, material } = await ensureEverything({ conformance: true });
  const lab = new Lab(identity);
  await step("starting the local cloud", () => lab.start(material));
  const kubectl = toolchain.binary("kubectl");
  const operator = new Operator(identity, kubectl);
  await bringUp(new Engine(identity, toolchain.env()), operator);
  const { directory, run } = operator.way;
  const site: Site = {
    programs: { ...(await ensureConformance()), kubectl },
    kubeconfig: operator.kubeconfig,
    netns: identity.operatorNetns,
    repository: `${mirrorAddress}:5000/${imagePrefix}`,
    open: () => openProxy(directory, run),
  };
  return { site, lab };
}
