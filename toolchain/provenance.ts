import type { Toolchain } from ".";
import { groupOf, type GroupName } from "./groups";

/** What a machine with open internet has from its makers, and others built from modules or a stand-in of. */
const named: readonly GroupName[] = ["provider", "command", "language-nodejs"];

/**
 * Which provider, `command` plugin and Node language host are in use, in one line: `provider 1.83.25 (official), command 1.2.1
 * (stand-in), …`. Results hold for these.
 */
export function provenance(origins: Toolchain["origins"]): string {
  return named
    .map((name) => {
      const origin = origins[name];
      if (origin === undefined) return `${name} (not there)`;
      const own = groupOf(name).ownSource ? "stand-in" : "built from modules";
      return `${name} ${origin.version} (${origin.source === "official" ? "official" : own})`;
    })
    .join(", ");
}
