import { type Facts } from "../facts";
import type { Finding } from "./finding";

/** Hosts that cannot be asked, and services that do not run on those that can. */
export function hostFindings({ outputs, hosts }: Facts): Finding[] {
  return outputs.nodes.flatMap(({ name, role }): Finding[] => {
    const asked = hosts.get(name);
    if (asked === undefined) return [];
    if ("silent" in asked)
      return [
        {
          of: name,
          problem: `cannot be asked (${role}): ${asked.silent}`,
          act: "docs/runbooks/physical-host-lost.md, docs/runbooks/replace-a-host.md",
        },
      ];
    return Object.entries(asked.look.services)
      .filter(([, state]) => state !== "active")
      .map(([service, state]) => ({
        of: name,
        problem: `${service} is ${state}`,
        act: `there: sudo journalctl -u ${service}`,
      }));
  });
}
