import { ensureToolchain } from "../../toolchain";
import { groupOfProgram } from "../../toolchain/groups";
import type { LabIdentity } from "../identity";
import { Operator } from "../operator";

/** The operator of a lab that is up. Of the tools only kubectl is looked for. */
export async function operatorOf(identity: LabIdentity): Promise<Operator> {
  const toolchain = await ensureToolchain({ need: [groupOfProgram("kubectl").name] });
  return new Operator(identity, toolchain.binary("kubectl"));
}
