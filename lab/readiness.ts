/** The part of Kubernetes' objects that tells whether a cluster is ready, as `kubectl get -o json` prints it. */
interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
}

export interface NodeList {
  items: {
    metadata: { name: string };
    spec?: { taints?: { key: string; value?: string; effect: string }[] };
    status: { conditions?: Condition[] };
  }[];
}

interface ContainerStatus {
  name: string;
  ready: boolean;
  state?: {
    waiting?: { reason?: string; message?: string };
    terminated?: { exitCode: number; reason?: string };
  };
}

export interface PodList {
  items: {
    metadata: {
      name: string;
      namespace: string;
      deletionTimestamp?: string;
      ownerReferences?: { kind: string }[];
    };
    status: {
      phase?: string;
      reason?: string;
      message?: string;
      conditions?: Condition[];
      initContainerStatuses?: ContainerStatus[];
      containerStatuses?: ContainerStatus[];
    };
  }[];
}

export interface EventList {
  items: {
    type?: string;
    reason?: string;
    message?: string;
    involvedObject: { kind?: string; namespace?: string; name?: string };
  }[];
}

type Pod = PodList["items"][number];

/**
 * What keeps a cluster from being ready, one line a thing; empty when it is. Ready means that it takes work: every node is Ready and takes
 * pods, and every pod of every namespace is Ready. Pods that have ended are not awaited, as nothing makes them run again; a failed one is
 * told beside what else is wrong, since an eviction is often the reason of it.
 *
 * @param expected Names of the nodes that must be there.
 * @param events In the order they happened, for what a pod's own status does not tell.
 */
export function problemsOf(
  expected: readonly string[],
  nodes: NodeList,
  pods: PodList,
  events: EventList = { items: [] },
): string[] {
  const problems = [
    ...expected
      .filter((name) => !nodes.items.some(({ metadata }) => metadata.name === name))
      .map((name) => `node ${name} has not joined`),
    ...nodes.items.flatMap(nodeProblems),
    ...pods.items
      .filter(isAwaited)
      .filter(({ status }) => !isTrue(status.conditions, "Ready"))
      .map((pod) => describePod(pod, events)),
  ];
  if (problems.length === 0) return [];
  const failed = pods.items.filter((pod) => !isAwaited(pod) && pod.status.phase === "Failed");
  return [...problems, ...failed.map((pod) => describePod(pod, events))];
}

/**
 * Prefixes of the taints that Kubernetes sets for what is wrong with a node (pressure, cordoned, not initialised yet). Any other is
 * somebody's will: the control plane's, or a pool's by configuration.
 */
const conditionTaints = ["node.kubernetes.io/", "node.cloudprovider.kubernetes.io/"];

function nodeProblems({ metadata, spec, status }: NodeList["items"][number]): string[] {
  const conditions = status.conditions ?? [];
  const ready = conditions.find(({ type }) => type === "Ready");
  if (ready?.status !== "True")
    return [`node ${metadata.name} is not Ready: ${because(ready) || "its kubelet says nothing"}`];
  const taints = (spec?.taints ?? []).filter(
    ({ key, effect }) =>
      effect !== "PreferNoSchedule" && conditionTaints.some((prefix) => key.startsWith(prefix)),
  );
  if (taints.length === 0) return [];
  // Of a Ready node every other condition that is true is a trouble: pressure, no network.
  const troubles = conditions.filter(({ type, status: is }) => type !== "Ready" && is === "True");
  return [
    `node ${metadata.name} is Ready but takes no pods: taint ${taints.map(({ key, effect }) => `${key}:${effect}`).join(", ")}` +
      troubles.map((each) => `; ${each.type}: ${because(each)}`).join(""),
  ];
}

/** A static pod belongs to its node and is always awaited: its kubelet runs it again. */
function isAwaited({ metadata, status }: Pod): boolean {
  if (status.phase === "Succeeded") return false;
  const isStatic = metadata.ownerReferences?.some(({ kind }) => kind === "Node") === true;
  return status.phase !== "Failed" || isStatic;
}

function describePod(pod: Pod, events: EventList): string {
  const { metadata, status } = pod;
  const phase = status.phase ?? "without a phase";
  return `pod ${metadata.namespace}/${metadata.name} (${phase}): ${whyItWaits(pod, events).join("; ") || "no reason is told"}`;
}

function whyItWaits({ metadata, status }: Pod, events: EventList): string[] {
  const containers = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  const own = [
    metadata.deletionTimestamp === undefined ? "" : "is being deleted",
    because(status),
    because(status.conditions?.find((each) => each.type === "PodScheduled" && !isOk(each))),
    ...containers.flatMap(({ name, ready, state }) => {
      const { waiting, terminated } = state ?? {};
      if (waiting) return [`container ${name}: ${because(waiting)}`];
      if (terminated && terminated.exitCode !== 0)
        return [`container ${name} ended with ${terminated.exitCode}: ${because(terminated)}`];
      return ready || terminated ? [] : [`container ${name} runs and is not ready`];
    }),
  ].filter(Boolean);
  const warning = events.items.findLast(
    ({ type, involvedObject: { kind, namespace, name } }) =>
      type === "Warning" &&
      kind === "Pod" &&
      namespace === metadata.namespace &&
      name === metadata.name,
  );
  const told = because(warning);
  return told === "" || own.some((reason) => reason.includes(warning?.message ?? told))
    ? own
    : [...own, `last event: ${told}`];
}

const isOk = ({ status }: Condition): boolean => status === "True";
const isTrue = (conditions: Condition[] | undefined, wanted: string): boolean =>
  conditions?.some((each) => each.type === wanted && isOk(each)) === true;
const because = (it: { reason?: string; message?: string } | undefined): string =>
  [it?.reason, it?.message].filter(Boolean).join(": ");
