import { ensureAddonTools, ensureToolchain } from "../../toolchain";
import { groupOfProgram } from "../../toolchain/groups";
import { engineGroups, pluginGroups } from "../../toolchain/pulumiHome";
import { type AddonsAction, AddonsStack } from "../addonsStack";
import { Engine } from "../engine";
import type { LabIdentity } from "../identity";
import { Operator } from "../operator";
import { readLabSettings } from "../settings";

/**
 * `npm run lab -- addons`: examples/addons on the lab's cluster, reached as anybody outside its VPC does.
 *
 * @returns the engine's exit code.
 * @throws Error when the lab's mirror was made without the images of add-ons, or there is no cluster yet.
 */
export async function addons(identity: LabIdentity, action: AddonsAction): Promise<number> {
  if (!readLabSettings(identity.dir).addons)
    throw new Error(
      "this lab's mirror has no images of add-ons, as it was made without them: `npm run lab -- down`, then `npm run lab -- up --addons`",
    );
  const kubernetes = groupOfProgram("kubectl").name;
  const need = [...engineGroups, ...pluginGroups, kubernetes, "sdk"] as const;
  const toolchain = await ensureToolchain({ need });
  const { plugin } = await ensureAddonTools();
  await new Operator(identity, toolchain.binary("kubectl")).openWay();
  return new AddonsStack(identity, new Engine(identity, toolchain.env([plugin]))).run(action);
}
