import { apiserverSkewFault, kubeletSkewFault } from "../../../components/plan/rules/skew";
import { groupBy } from "../../facts/instances";
import { mastersOf } from "../../facts/masters";
import { type Stack } from "../../facts/stack";
import { type Step, stepsOf } from "../../facts/steps";
import { list, text } from "../../facts/values";
import { type Finding, type Rule } from "../rule";

/** Compares the releases of the apiservers, and those of the kubelets that nodes fetch, cluster by cluster. */
export const versionSkew: Rule = {
  id: "cluster-version-skew",
  description:
    "Apiservers of a cluster are at most one minor apart, and no kubelet is newer than them or more than three minors older.",
  level: "mandatory",
  why: "Releases further apart are not tested together: fields they do not know are dropped, and a node may never be Ready.",
  source: "kubernetes.io, Version Skew Policy",
  fix: "Upgrade by one minor at a time: masters first, then workers",
  scope: "stack",
  judge: (stack) => {
    const clusterOf = (step: Step) => stack.within(step.resource, "cluster")?.urn ?? "";
    const kubelets = groupBy(kubeletsOf(stack), ({ step }) => clusterOf(step));
    const masters = groupBy(apiserversOf(stack), ({ step }) => clusterOf(step));
    return [...masters].flatMap(([cluster, apiservers]) => {
      const apart = apiserverSkewFault(apiservers.map(({ release }) => release));
      const urn = apiservers[0]?.step.resource.urn;
      return [
        ...(apart === undefined ? [] : [{ ...apart, urn }]),
        ...(kubelets.get(cluster) ?? []).flatMap((kubelet) => judgeKubelet(kubelet, apiservers)),
      ];
    });
  },
};

/** A release and the step that brings it to its host. */
interface Release {
  step: Step;
  release: string;
}

function judgeKubelet({ step, release }: Release, apiservers: readonly Release[]): Finding[] {
  const faults = apiservers.flatMap((master) => kubeletSkewFault(master.release, release) ?? []);
  return faults.slice(0, 1).map(({ message, fix }) => ({
    message: `${step.host}: ${message}`,
    fix,
    urn: step.resource.urn,
  }));
}

function apiserversOf(stack: Stack): Release[] {
  return mastersOf(stack).flatMap(({ step, configuration }) => {
    const release = text(configuration?.kubernetesVersion);
    return release === undefined ? [] : [{ step, release }];
  });
}

/** Kubelets of nodes, from the artifacts their hosts are prepared with. Those of etcd hosts speak to no apiserver. */
function kubeletsOf(stack: Stack): Release[] {
  return stepsOf(stack).flatMap((step) => {
    const artifacts = list(step.params.ARTIFACTS).map(String);
    if (artifacts.some((artifact) => artifact.startsWith("etcd/"))) return [];
    return artifacts.flatMap((artifact) => {
      const release = /^kubernetes\/(v[^/]+)\/[^/]+\/kubelet /.exec(artifact)?.[1];
      return release === undefined ? [] : [{ step, release }];
    });
  });
}
