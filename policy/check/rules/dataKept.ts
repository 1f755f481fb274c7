import { slowerDisk } from "../../../components/plan/rules/disks";
import type { Change } from "../change";
import type { Finding } from "../../rules/rule";
import type { ChangeRule } from "../rule";
import { lastOf, type Member } from "../world";

/** A member's data disk, while the member stays. */
export const dataKept: ChangeRule = {
  id: "change-data-kept",
  description:
    "The data disk of a member that stays is not replaced, detached or deleted, and gets no slower type and no smaller size.",
  why:
    "A member without its data has to be taken out and joined again as a new one. A slower disk makes etcd miss heartbeats; no " +
    "disk gets smaller in place",
  source: 'etcd, "Hardware recommendations" (Disks); Tencent Cloud CBS API, ResizeDisk',
  fix: "Leave the disk as it is. To move to another one replace the member, one in an update",
  judge: (change) => change.staying.flatMap((member) => findings(change, member)),
};

function findings(change: Change, member: Member): Finding[] {
  const next = change.next(member);
  // The instance goes too: then all of the member is new, and rules on members speak.
  if (next === undefined || change.act(member.urn) === "replace") return [];
  const moved = member.attachments
    .filter(({ urn }) => change.act(urn) === "replace")
    .map(({ urn }) => ({
      urn,
      message: `data disk of ${member.name} is taken off it while it runs: ${lastOf(urn)} is replaced`,
    }));
  return [
    ...moved,
    ...member.disks.flatMap((disk): Finding[] => {
      const finding = (what: string) => ({
        urn: disk.urn,
        message: `data disk ${lastOf(disk.urn)} of ${member.name} ${what}`,
      });
      const act = change.act(disk.urn);
      if (act === "replace" || act === "delete") return [finding(`is ${act}d: its data is lost`)];
      if (!next.disks.some(({ urn }) => urn === disk.urn)) return [finding("is attached no more")];
      const after = change.after.states.get(disk.urn)?.inputs ?? {};
      const types = [disk.inputs["storageType"], after["storageType"]] as const;
      const sizes = [Number(disk.inputs["storageSize"]), Number(after["storageSize"])] as const;
      return [
        ...(slowerDisk(String(types[0]), String(types[1]))
          ? [finding(`goes from ${String(types[0])} to the slower ${String(types[1])}`)]
          : []),
        ...(sizes[1] < sizes[0] ? [finding(`shrinks from ${sizes[0]} to ${sizes[1]} GiB`)] : []),
      ];
    }),
  ];
}
