import { share } from "../../../components/plan/roles";
import { mastersFault } from "../../../components/plan/rules/quorum";
import { clusterName, instancesOf, groupBy } from "../../facts/instances";
import { type Rule } from "../rule";

/** Counts the masters of every cluster that has etcd members or masters in the stack. */
export const mastersMinimum: Rule = {
  id: "quorum-masters-minimum",
  description: "A cluster has 2 or more masters.",
  level: "mandatory",
  why: "With one master the API is gone when it is lost, and while it is upgraded.",
  source: 'kubernetes.io, "Creating Highly Available Clusters with kubeadm"',
  fix: "Use 2 or more masters",
  scope: "stack",
  judge: (stack) => {
    const clusters = groupBy(
      instancesOf(stack).filter(({ duties }) => share(duties, ["controlPlane", "etcd"])),
      ({ cluster }) => cluster,
    );
    return [...clusters].flatMap(([cluster, hosts]) => {
      const masters = hosts.filter(({ duties }) => duties.includes("controlPlane"));
      const fault = mastersFault(masters.length);
      if (fault === undefined) return [];
      const message = `cluster ${clusterName(cluster)}: ${fault.message}`;
      return [{ message, fix: fault.fix, urn: (masters[0] ?? hosts[0])?.resource.urn }];
    });
  },
};
