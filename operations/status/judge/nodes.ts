import { problemsOf } from "../../../lab/readiness";
import { clusterLook, type Facts } from "../facts";
import type { Finding } from "./finding";

/** A node as the API has it. */
export interface NodeStatus {
  name: string;
  /** Null where no apiserver tells. */
  ready: boolean | null;
  /** Whether pods are placed on it, taints of its role left aside. */
  schedulable: boolean | null;
  kubelet: string | null;
  runtime: string | null;
}

const nodeRoles = ["master", "worker"];

const expected = ({ outputs }: Facts): string[] =>
  outputs.nodes.filter(({ role }) => nodeRoles.includes(role)).map(({ name }) => name);

export function nodeStatuses(facts: Facts): NodeStatus[] {
  const nodes = clusterLook(facts)?.nodes;
  return expected(facts).map((name) => {
    const node = nodes?.find(({ metadata }) => metadata.name === name);
    if (node === undefined) {
      const there = nodes === undefined ? null : false;
      return { name, ready: there, schedulable: there, kubelet: null, runtime: null };
    }
    const { conditions = [], nodeInfo } = node.status;
    return {
      name,
      ready: conditions.some(({ type, status }) => type === "Ready" && status === "True"),
      schedulable: node.spec.unschedulable !== true,
      kubelet: nodeInfo.kubeletVersion,
      runtime: nodeInfo.containerRuntimeVersion,
    };
  });
}

/** What keeps nodes and the pods of Kubernetes itself from being ready, as the lab waits for it. */
export function nodeFindings(facts: Facts): Finding[] {
  const look = clusterLook(facts);
  if (look === undefined)
    return [{ of: "nodes", problem: "no master tells of them: no apiserver answers" }];
  const problems = problemsOf(expected(facts), { items: look.nodes }, { items: look.pods });
  const strangers = look.nodes.filter(({ metadata }) => !expected(facts).includes(metadata.name));
  return [
    ...problems.map((line) => {
      const [, kind = "", name = "", problem = line] = /^(node|pod) (\S+) (.*)$/s.exec(line) ?? [];
      return { of: name || "nodes", problem: kind === "pod" ? `pod ${problem}` : problem };
    }),
    ...strangers.map(({ metadata: { name } }) => ({
      of: name,
      problem: "is a node of the cluster and no host of the stack",
      act: `kubectl delete node ${name}, if its host is gone`,
    })),
  ];
}
