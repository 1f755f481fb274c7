import type { NodeList, PodList } from "../../lab/readiness";
import type { StackOutputs } from "../access/outputs";

/** What a host says of itself, as look.py prints it. */
export interface HostLook {
  /** IPv4 addresses, those of its loopback left out. */
  addresses: string[];
  /** Units that are to run there, and what systemd says of each: `active`. */
  services: Record<string, string>;
  /** When certificates begin and end, in seconds of the epoch. Authorities are not among them. */
  certificates: { path: string; from: number; to: number }[];
  /** What jobs of the host leave for whoever watches it, by name. */
  metrics: Record<string, number>;
  /** How the API answers by its one name there; null where a host has nothing to ask it. */
  way: { error: string; milliseconds: number } | null;
  /** Of hosts with a member of etcd. */
  etcd?: EtcdLook;
  /** Of masters. */
  master?: MasterLook;
}

/** What a member of etcd says of itself. Ids are hexadecimal. */
export interface EtcdLook {
  /** Null when it does not answer; `error` then says why. */
  status: {
    id: string;
    /** `0`: it knows none. */
    leader: string;
    learner: boolean;
    version: string;
    sizeBytes: number;
    /** The same once it is defragmented. */
    usedBytes: number;
    /** Absent before etcd 3.6. */
    quotaBytes: number | null;
    errors: string[];
  } | null;
  error: string;
  /** Why it carries no request out, which takes a quorum; empty when it does. */
  health: string;
  /** Null without a quorum. */
  members: { id: string; name: string; learner: boolean }[] | null;
  alarms: { member: string; alarm: string }[];
}

/** What an apiserver says of itself and of the cluster. */
export interface MasterLook {
  /** Why it is not ready; empty when it is. */
  readyz: string;
  /** Why it did not answer something else; empty when it did. */
  error: string;
  version: string | null;
  leases: {
    name: string;
    holder: string;
    /** Seconds since it was renewed; null when it never was. */
    renewedAgo: number | null;
    seconds: number | null;
  }[];
  /** Null when it did not answer. */
  nodes: NodeLook[] | null;
  /** Pods of Kubernetes itself that are not ready. */
  pods: PodList["items"];
}

export type NodeLook = NodeList["items"][number] & {
  spec: { unschedulable?: boolean };
  status: {
    nodeInfo: {
      kubeletVersion: string;
      containerRuntimeVersion: string;
      kernelVersion: string;
      osImage: string;
    };
  };
};

/** A host that was asked: what it says, or why it says nothing. */
export type Asked = { look: HostLook } | { silent: string };

/** All that a cluster is judged by. */
export interface Facts {
  /** What the stack says that there is. */
  outputs: Pick<StackOutputs, "nodes" | "entry" | "faultTolerance" | "certificateEnds">;
  /** Every host, by name. */
  hosts: ReadonlyMap<string, Asked>;
  /** When they were asked. */
  at: Date;
}

/** Hosts that have a member of etcd: those of etcd's own, or the masters where there are none (`etcd.topology: stacked`). */
export function etcdHosts<N extends { role: string }>(nodes: readonly N[]): N[] {
  const own = nodes.filter(({ role }) => role === "etcd");
  return own.length > 0 ? own : nodes.filter(({ role }) => role === "master");
}

/** What a host says, if anything. */
export function lookOf({ hosts }: Facts, name: string): HostLook | undefined {
  const asked = hosts.get(name);
  return asked !== undefined && "look" in asked ? asked.look : undefined;
}

/** What the first master that answers says of the cluster. */
export function clusterLook(facts: Facts): (MasterLook & { nodes: NodeLook[] }) | undefined {
  const looks = facts.outputs.nodes.flatMap(({ name }) => lookOf(facts, name)?.master ?? []);
  // One that is ready knows the latest.
  const found = [...looks.filter(({ readyz }) => readyz === ""), ...looks].find(
    ({ nodes }) => nodes !== null,
  );
  return found as (MasterLook & { nodes: NodeLook[] }) | undefined;
}
