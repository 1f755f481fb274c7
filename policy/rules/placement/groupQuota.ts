import { groupQuotas } from "../../../components/plan/placement";
import { groupOf } from "../../facts/groups";
import { groupBy, instancesOf } from "../../facts/instances";
import { text } from "../../facts/values";
import { type Rule } from "../rule";

interface Parameters {
  /** Members of a group of type HOST. */
  host: number;
  /** Members of a group of type SW. */
  sw: number;
  /** Members of a group of type RACK. */
  rack: number;
}

const quota = (type: keyof typeof groupQuotas) =>
  ({
    type: "integer",
    minimum: 1,
    default: groupQuotas[type],
    description: `Members a group of type ${type} holds in the account.`,
  }) as const;

/** Counts the members of every placement group. */
export const groupQuota: Rule<Parameters> = {
  id: "placement-group-quota",
  description: "No placement group has more members than the account's quota lets it hold.",
  level: "mandatory",
  why: "The member beyond the quota is refused by the cloud when the others have been made already.",
  source: "Tencent Cloud CVM, API DescribeDisasterRecoverGroupQuota",
  fix: "Use a second group for members that share no quorum, or have the quota raised and say so in this rule's parameters",
  scope: "stack",
  parameters: { host: quota("HOST"), sw: quota("SW"), rack: quota("RACK") },
  judge: (stack, { host, sw, rack }) => {
    const placed = instancesOf(stack).flatMap(({ resource }) => {
      const group = groupOf(stack, resource);
      return group === undefined || group === "foreign" ? [] : [group];
    });
    const rooms = new Map([
      ["HOST", host],
      ["SW", sw],
      ["RACK", rack],
    ]);
    return [...groupBy(placed, ({ urn }) => urn)].flatMap(([urn, members]) => {
      const type = text(members[0]?.props.type) ?? "";
      const room = rooms.get(type) ?? Infinity;
      if (members.length <= room) return [];
      const message = `the group has ${members.length} members, but one of type ${type} holds ${room}`;
      return [{ message, urn }];
    });
  },
};
