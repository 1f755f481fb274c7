import { etcdSizeFault } from "../../../components/plan/rules/quorum";
import { isUnknown } from "../../facts/values";
import { type Rule } from "../rule";

/** Counts the members an EtcdCluster component is asked for: its inputs come before any member is made. */
export const etcdOddPlannedMembers: Rule = {
  id: "quorum-etcd-odd-planned-members",
  description: "An EtcdCluster component is given 3, 5 or 7 members.",
  level: "mandatory",
  why:
    "The same as of `quorum-etcd-odd-members`, which sees a stack when all of it has been registered; this one stops a " +
    "cluster of a wrong size before its first member is made.",
  source: 'etcd FAQ, "Why an odd number of cluster members?"',
  fix: "Register the names of the members as the component's input `members`",
  scope: "resource",
  judge: (stack) =>
    stack.of("etcdCluster").flatMap(({ urn, props: { members } }) => {
      if (isUnknown(members)) {
        const message = "the members of the component are known only after the update";
        return [{ message, urn, undecided: true }];
      }
      if (!Array.isArray(members)) {
        return [{ message: "the component does not say which members it has", urn }];
      }
      const fault = etcdSizeFault(members.length);
      return fault === undefined ? [] : [{ ...fault, urn }];
    }),
};
