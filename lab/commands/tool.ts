import { ensureToolchain } from "../../toolchain";
import { groupOfProgram } from "../../toolchain/groups";
import { engineGroups, pluginGroups } from "../../toolchain/pulumiHome";
import { Engine } from "../engine";
import type { LabIdentity } from "../identity";
import { Operator } from "../operator";

/** Path of a tool that a lab which is up has; only its own group is looked for. */
export async function tool(name: string): Promise<string> {
  const toolchain = await ensureToolchain({ need: [groupOfProgram(name).name] });
  return toolchain.binary(name);
}

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

/** The operator of a lab that is up, with kubectl. */
export async function operatorOf(identity: LabIdentity): Promise<Operator> {
  return new Operator(identity, await tool("kubectl"));
}
