import { etcdSizeFault } from "../../../components/plan/rules/quorum";
import { clusterName, membersByCluster } from "../../facts/instances";
import { type Rule } from "../rule";

/** Counts the instances tagged as etcd members, cluster by cluster. */
export const etcdOddMembers: Rule = {
  id: "quorum-etcd-odd-members",
  description: "An etcd cluster has 3, 5 or 7 members.",
  level: "mandatory",
  why:
    "A vote needs more than half of the members, so an even count tolerates no more lost than the odd one below it and has " +
    "one more member that can fail; below 3 the first one lost stops every write.",
  source: 'etcd FAQ, "Why an odd number of cluster members?"',
  fix: "Use 3, 5 or 7 members",
  scope: "stack",
  judge: (stack) =>
    [...membersByCluster(stack, "etcd")].flatMap(([cluster, members]) => {
      const fault = etcdSizeFault(members.length);
      if (fault === undefined) return [];
      const message = `cluster ${clusterName(cluster)}: ${fault.message}`;
      return [{ message, fix: fault.fix, urn: members[0]?.resource.urn }];
    }),
};
