import { type StackValidationPolicy } from "@pulumi/policy";
import { etcdSizeFault } from "../../../components/plan/rules/quorum";
import { instancesOf } from "../../facts/instances";

/**
 * Counts the instances tagged as etcd members, cluster by cluster.
 *
 * Why: a vote needs more than half of the members, so an even count tolerates no more than the odd one below it and has
 * one more member that can fail (etcd FAQ, "Why an odd number of cluster members?").
 */
export const etcdOddMembers: StackValidationPolicy = {
  name: "quorum-etcd-odd-members",
  description: "An etcd cluster has 3, 5 or 7 members.",
  enforcementLevel: "mandatory",
  validateStack: ({ resources }, reportViolation) => {
    const members = instancesOf(resources).filter(({ role }) => role === "etcd");
    const clusters = new Set(members.map(({ cluster }) => cluster));
    for (const cluster of clusters) {
      const ofCluster = members.filter((member) => member.cluster === cluster);
      const fault = etcdSizeFault(ofCluster.length);
      if (fault !== undefined) {
        reportViolation(
          `cluster ${cluster ?? "(no cluster tag)"}: ${fault.message}. ${fault.fix}.`,
          ofCluster[0]?.resource.urn,
        );
      }
    }
  },
};
