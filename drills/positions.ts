import type { HostPlan } from "../components/plan/cluster";
import type { Cast, Site } from "./site";

/** Where clients of the API are. */
export const places = ["outside", "worker", "worker-pod", "master", "master-pod"] as const;
export type Place = (typeof places)[number];

/** A place, and the way from there. */
export interface Position {
  /** The place alone where the way is the entry; `worker-pod-service` by the Service `kubernetes`, `struck-master` on the master that is struck. */
  name: string;
  place: Place;
  host: HostPlan;
  /** In a pod of that host, in the pod network. */
  pod: boolean;
  way: "entry" | "service" | "struck";
  /** What the name stands for there: see prober.py. */
  resolve: string;
}

/** A place on a host itself, by the entry. */
export const onHost = (place: Place, host: HostPlan): Position => ({
  ...{ name: place, place, host, pod: false, way: "entry", resolve: "always" },
});

/**
 * Clients outside the nodes, on a worker's host, in a pod on it, on a master's host, in a pod on it; by the API's one name. That is what /etc/hosts
 * says on hosts. In pods it is what private DNS says where the kind has it, and the entry's address where the entry is an address of
 * the network; a proxy on the node's loopback is no pod's. Beside it pods go by the Service `kubernetes`, as those of Kubernetes itself do.
 *
 * @param struckToo Also on the master that is struck, whose host lives on.
 */
export function positionsOf({ plan }: Site, cast: Cast, struckToo: boolean): Position[] {
  const { entry, network } = plan;
  const pod = (place: Place, at: HostPlan): Position[] => {
    const common = { place, host: at, pod: true };
    const service = { way: "service", resolve: network.kubernetesServiceAddress } as const;
    const address = "vip" in entry ? entry.vip : undefined;
    const resolve = entry.kind === "clb" ? "once" : address;
    return [
      ...(resolve === undefined
        ? []
        : [{ ...common, name: place, way: "entry" as const, resolve }]),
      { ...common, ...service, name: `${place}-service` },
    ];
  };
  const { struck } = cast;
  return [
    onHost("outside", plan.bastion),
    onHost("worker", cast.worker),
    ...pod("worker-pod", cast.worker),
    onHost("master", cast.master),
    ...pod("master-pod", cast.master),
    ...(struckToo
      ? [{ ...onHost("master", struck), name: "struck-master", way: "struck" as const }]
      : []),
  ];
}
