import { existsSync } from "node:fs";
import { step } from "../../toolchain/progress";
import type { LabIdentity } from "../identity";
import { Lab } from "../lab";

/** `npm run lab -- down`: ends and removes everything the lab made. */
export async function down(identity: LabIdentity): Promise<void> {
  const existed = existsSync(identity.dir);
  const found = await step("taking the lab down", () => new Lab(identity).down());
  console.log(existed || found.length > 0 ? "the lab is gone" : "there was no lab");
}
