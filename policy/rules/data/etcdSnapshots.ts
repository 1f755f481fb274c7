import { stepsRunning } from "../../facts/steps";
import { type Rule } from "../rule";

/** Reads which hosts have the step of a member of etcd, and whether the step beside it has them take snapshots. */
export const etcdSnapshots: Rule = {
  id: "data-etcd-snapshots",
  description: "Every member of etcd takes snapshots.",
  level: "mandatory",
  why: "Without one a lost quorum, or a wrong `kubectl delete`, is final: nothing else holds what the cluster was told.",
  source: 'etcd, "Disaster recovery"; kubernetes.io, "Operating etcd clusters for Kubernetes"',
  fix: "Set etcd.snapshots.enabled to true",
  scope: "stack",
  judge: (stack) => {
    const taking = new Set(
      stepsRunning(stack, "etcd-upkeep").flatMap(({ host, params }) =>
        params["SNAPSHOTS"] === "yes" ? [host] : [],
      ),
    );
    return stepsRunning(stack, "etcd")
      .filter(({ host }) => !taking.has(host))
      .map(({ host, resource: { urn } }) => ({ message: `${host} takes no snapshots`, urn }));
  },
};
