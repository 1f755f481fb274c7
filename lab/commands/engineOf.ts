import { ensureToolchain } from "../../toolchain";
import { engineGroups, pluginGroups } from "../../toolchain/pulumiHome";
import { Engine } from "../engine";
import type { LabIdentity } from "../identity";

/**
 * The engine of a lab that is up.
 *
 * @throws Error when no stack was ever made in it.
 */
export async function engineOf(identity: LabIdentity): Promise<Engine> {
  const toolchain = await ensureToolchain({ need: [...engineGroups, ...pluginGroups, "sdk"] });
  const engine = new Engine(identity, toolchain.env());
  if (!engine.exists) throw new Error("this lab has no stack yet: run `npm run lab`");
  return engine;
}
