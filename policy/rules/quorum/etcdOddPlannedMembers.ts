import { type ResourceValidationPolicy } from "@pulumi/policy";
import { etcdSizeFault } from "../../../components/plan/rules/quorum";
import { types } from "../../facts/types";

/**
 * Counts the members an EtcdCluster component is asked for.
 *
 * Why: the same as of `quorum-etcd-odd-members`, which sees a stack when all of it has been registered; this one sees the
 * component's own inputs first, so that no member is made of a cluster that would be denied.
 */
export const etcdOddPlannedMembers: ResourceValidationPolicy = {
  name: "quorum-etcd-odd-planned-members",
  description: "An EtcdCluster component is given 3, 5 or 7 members.",
  enforcementLevel: "mandatory",
  validateResource: ({ type, props }, reportViolation) => {
    if (type !== types.etcdCluster) return;
    const members: unknown = props.members;
    if (!Array.isArray(members)) {
      reportViolation(
        "the component does not say which members it has. Register them as its input `members`.",
      );
      return;
    }
    const fault = etcdSizeFault(members.length);
    if (fault !== undefined) reportViolation(`${fault.message}. ${fault.fix}.`);
  },
};
