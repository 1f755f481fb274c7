import { keyPlace, layout } from "../addresses";
import { type MemberConfig } from "../fields";
import { hostGroups } from "../hosts";
import { hostGroupQuota } from "../placement";
import { type Problem } from "../problems";
import { type ReadSections } from "../parse";
import { isSpreadRole } from "../roles";

/** Keys: each once, each with a place in the addresses of its role, and no more than a placement group holds. */
export function memberProblems(read: ReadSections): Problem[] {
  return hostGroups(read).flatMap(({ path: group, role, members }) => {
    const path = `${group}.members`;
    return [
      ...duplicateKeys(path, members),
      // A pool of workers has room as long as its subnet has (workers.ts).
      ...(role === "worker" ? [] : outsideRoom(path, members, layout[role].count)),
      ...(isSpreadRole(role) ? overQuota(path, members) : []),
    ];
  });
}

function duplicateKeys(path: string, members: readonly MemberConfig[]): Problem[] {
  return members.flatMap((member, index) => {
    const first = members.findIndex((other) => keyPlace(other.key) === keyPlace(member.key));
    const earlier = members[first];
    if (first === index || earlier === undefined) return [];
    const message =
      earlier.key === member.key
        ? `key "${member.key}" is there twice`
        : `keys "${earlier.key}" and "${member.key}" have the same address`;
    const fix = "Give every member a key of its own: numbers or letters, not both";
    return [{ path: `${path}.${index}`, message, fix }];
  });
}

function outsideRoom(path: string, members: readonly MemberConfig[], room: number): Problem[] {
  return members.flatMap((member, index) =>
    keyPlace(member.key) <= room
      ? []
      : [
          {
            path: `${path}.${index}`,
            message: `got key "${member.key}", but there are addresses for keys up to "${room}"`,
            fix: `Use keys from "1" to "${room}"`,
          },
        ],
  );
}

function overQuota(path: string, members: readonly MemberConfig[]): Problem[] {
  if (members.length <= hostGroupQuota) return [];
  const message = `got ${members.length} members, but a HOST placement group holds ${hostGroupQuota}`;
  return [{ path, message, fix: `Use ${hostGroupQuota} members or fewer` }];
}
