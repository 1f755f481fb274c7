import { chargeTypes } from "../../../components/plan/charge";
import { isSpreadRole, type Role } from "../../../components/plan/roles";
import { chargeFault } from "../../../components/plan/rules/staying";
import { instancesOf } from "../../facts/instances";
import { isUnknown, type Props, text } from "../../facts/values";
import { type Finding, type Rule } from "../rule";

/** Looks at how every etcd member, master, balancer, director and host of a registry is charged, and whether it is to run. */
export const membersStay: Rule = {
  id: "quorum-members-stay",
  description:
    "Every etcd member, master, balancer, director and host of a registry is a machine that stays: charged by the hour or renewed by itself, no spot instance, and running.",
  level: "mandatory",
  why:
    "A member that the cloud takes back, that ends with its prepaid time or that is stopped counts for a quorum and adds nothing to it. Machines bought " +
    "together end together.",
  source:
    "Tencent Cloud CVM, spot instances (document 213/17817); API RunInstances, InstanceChargeType and RenewFlag",
  fix: "Charge it by the hour, and leave it running. Workers may be spot instances",
  scope: "resource",
  judge: (stack) =>
    instancesOf(stack).flatMap(({ resource: { urn, props }, role }) =>
      isSpreadRole(role) ? judgeMember(role, props).map((finding) => ({ ...finding, urn })) : [],
    ),
};

const inputs = {
  type: "instanceChargeType",
  renewal: "instanceChargeTypePrepaidRenewFlag",
  running: "runningFlag",
  spotPrice: "spotMaxPrice",
  spotType: "spotInstanceType",
} as const;

function judgeMember(role: Role, props: Props): Finding[] {
  const open = Object.values(inputs).filter((input) => isUnknown(props[input]));
  if (open.length > 0) {
    const message = `${open.join(", ")} of a host of role ${role} is known only after the update`;
    return [{ message, fix: "Write it down in the program", undecided: true }];
  }
  const bids = text(props[inputs.spotPrice]) ?? text(props[inputs.spotType]);
  const type = text(props[inputs.type]) ?? (bids === undefined ? undefined : chargeTypes.spot);
  const fault = chargeFault({ type, renewal: text(props[inputs.renewal]) });
  return [
    ...(fault === undefined
      ? []
      : [{ ...fault, message: `a host of role ${role} ${fault.message}` }]),
    // Some programs write it as a text.
    ...(String(props[inputs.running]) === "false"
      ? [
          {
            message: `a host of role ${role} is to be stopped, and counts all the same`,
            fix: "Leave runningFlag out. To take a member out of service remove it, with its departure",
          },
        ]
      : []),
  ];
}
