import { existsSync } from "node:fs";
import { join } from "node:path";
import type { LabIdentity } from "./identity";

/** What whoever asks for a lab that is not there is told. */
export const noLab = ({ checkout, id }: Pick<LabIdentity, "checkout" | "id">): string =>
  `no lab is up for ${checkout} (${id}): start it with \`npm run lab\``;

/**
 * Answers at once, before any tool is looked for.
 *
 * @throws Error unless a lab of this identity is on the machine, and the caller may work with it.
 */
export function requireLab(lab: LabIdentity): void {
  if (!existsSync(join(lab.dir, "lab.json"))) throw new Error(noLab(lab));
  requireRoot();
  if (!existsSync(join("/run/netns", lab.operatorNetns)))
    throw new Error(
      `the lab of ${lab.checkout} (${lab.id}) has no network any more, as after a restart of the machine: \`npm run lab\` makes it anew`,
    );
}

/** @throws Error for anybody but root, whose the hosts and namespaces are. */
export function requireRoot(): void {
  if (process.getuid?.() !== 0)
    throw new Error(
      "the lab boots hosts and makes network namespaces: run it as root (sudo npm run lab)",
    );
}
