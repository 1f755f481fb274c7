import { type Cluster, secret } from "./cluster";
import type { Recorded } from "./recorded";

/** One change of a living cluster. */
export interface Row {
  /** What is changed, for people. Each title once. */
  title: string;
  /** Rule that denies it; none for a change that passes. */
  rule?: string;
  /** What the living cluster has besides, before the change. @default the recorded one: 3 etcd members, 3 masters, 2 balancers, 1 worker */
  living?: (cluster: Cluster) => void;
  change: (cluster: Cluster) => void;
}

const masters = ["master-1", "master-2", "master-3"] as const;
const etcd = ["etcd-1", "etcd-2", "etcd-3"] as const;
export const names = { masters, etcd } as const;

/** Five etcd members, of which the last two have departures, one after the other. */
export function fiveMembers(cluster: Cluster): void {
  cluster.addHost("etcd-3", "etcd-4");
  cluster.addHost("etcd-3", "etcd-5");
  cluster.addDeparture("etcd-5");
  cluster.addDeparture("etcd-4", ["etcd-5"]);
}

/** Has instances made anew for other user data; provider 1.83.25 by itself would change it on the living one. */
export function replace(cluster: Cluster, ...members: string[]): void {
  for (const member of members) {
    cluster.instance(member)["userDataRaw"] = secret(`#cloud-config\nhostname: ${member}\n`);
    cluster.get("instance", `-${member}`).replaceOnChanges = ["userDataRaw"];
  }
}

/**
 * Puts an instance into another placement group, by the input that the provider's version has for it.
 * @param id Of the group. @default none: it is in no group
 * @param group The group, if it is the stack's.
 */
export function regroup(cluster: Cluster, member: string, id?: string, group?: Recorded): void {
  const { inputs = {}, propertyDependencies = {} } = cluster.get("instance", `-${member}`);
  const list = "disasterRecoverGroupIds" in inputs;
  const input = list ? "disasterRecoverGroupIds" : "placementGroupId";
  inputs[input] = list && id !== undefined ? [id] : id;
  propertyDependencies[input] = group === undefined ? [] : [group.urn];
}

/** Has an instance stopped and started, and its step run again after it. */
export function resize(cluster: Cluster, ...members: string[]): void {
  for (const member of members) {
    cluster.instance(member)["instanceType"] = "S5.4XLARGE64";
    cluster.touchGate(member, "resized");
  }
}

/** Has every one of the members wait for the one before. */
export function inTurn(cluster: Cluster, members: readonly string[]): void {
  members.slice(1).forEach((member, index) => cluster.order(member, members[index] as string));
}
