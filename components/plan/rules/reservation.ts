import { machineSize } from "../instanceTypes";
import { hostGroups } from "../hosts";
import { type HostGroup } from "../model";
import { type ReadSections } from "../parse";
import { type Problem } from "../problems";
import {
  allocatable,
  gibibytes,
  kubeMemoryFloor,
  nodeCapacity,
  type Reservation,
  reservation,
} from "../reservation";
import { nodeDuties, share } from "../roles";

/** Least share of a node's memory that is left for pods. */
const leastForPods = 0.25;

/**
 * The reservation of nodes against the pods they may run: a limit on kubelet and containerd is no lower than what they use for that many,
 * and something is left for the pods.
 */
export function reservationProblems(read: ReadSections): Problem[] {
  const { kubelet } = read;
  if (kubelet === undefined) return [];
  const problems = hostGroups(read)
    .filter(({ duties }) => share(duties, nodeDuties))
    .flatMap((group) => typesOf(group).map((type) => ({ ...group, ...type })))
    .flatMap(({ path, instanceType, systemDisk, duties }) => {
      const node = nodeCapacity({ size: machineSize(instanceType), systemDisk, duties }, kubelet);
      const kept = reservation(node, kubelet);
      const { memoryGiB } = allocatable(node, kept);
      return [
        ...limitProblems(kept, kubelet.maxPods),
        ...(memoryGiB >= node.memoryGiB * leastForPods
          ? []
          : [crowded(path, instanceType, memoryGiB, kubelet.maxPods)]),
      ];
    });
  // A setting of all nodes is wrong once, however many groups have it.
  return [...new Map(problems.map((each) => [`${each.path} ${each.message}`, each])).values()];
}

/** Instance types of a group, and where each is said. */
function typesOf({ path, instanceType, members }: HostGroup) {
  return [
    { path, instanceType },
    ...members.flatMap((member, index) =>
      member.instanceType === undefined
        ? []
        : [{ path: `${path}.members.${index}`, instanceType: member.instanceType }],
    ),
  ];
}

function limitProblems(kept: Reservation, maxPods: number): Problem[] {
  const floor = kubeMemoryFloor(maxPods);
  const { memory } = kept.kubeReserved;
  if (!kept.enforceNodeAllocatable.includes("kube-reserved")) return [];
  if (gibibytes(memory) * 1024 >= floor) return [];
  return [
    {
      path: "kubelet.kubeReserved.memory",
      message: `${memory} would be enforced, but kubelet and containerd with ${maxPods} pods use up to ${floor}Mi and would be killed`,
      fix: `Use ${floor}Mi or more, lower kubelet.maxPods, or leave kube-reserved out of kubelet.enforceNodeAllocatable`,
    },
  ];
}

function crowded(path: string, instanceType: string, left: number, maxPods: number): Problem {
  return {
    path: `${path}.instanceType`,
    message: `${instanceType} would have ${Math.round(left * 1024)} MiB left for pods beside what is reserved for ${maxPods} of them`,
    fix: "Use a type with more memory, lower kubelet.maxPods, or set kubelet.kubeReserved and kubelet.systemReserved",
  };
}
