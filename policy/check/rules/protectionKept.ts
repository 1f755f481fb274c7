import type { ChangeRule } from "../rule";
import { lastOf } from "../world";

/** What the state protects, and the engine refuses. */
export const protectionKept: ChangeRule = {
  id: "change-protection-kept",
  description: "What is protected is neither replaced nor deleted.",
  why:
    "Protected is what holds data or the cluster's identity: etcd's members and their disks, masters, the network, the virtual IP, the " +
    "authorities. `pulumi up` refuses such a plan, but only when it comes to the resource",
  source: 'Pulumi, "protect"',
  fix: "If it is meant, name the host in `leaving`, `up`, then remove it: docs/runbooks/scale.md. Anything else: `pulumi state unprotect <urn>`",
  judge: (change) =>
    [...change.before.states.values()].flatMap(({ urn, protect }) => {
      const act = change.act(urn);
      // The program may take the protection off in the same update, but what it no longer names stays protected.
      const refused =
        act === "delete" || (act === "replace" && change.after.states.get(urn)?.protect === true);
      if (protect !== true || !refused) return [];
      return [{ urn, message: `${lastOf(urn)} is protected and would be ${act}d` }];
    }),
};
