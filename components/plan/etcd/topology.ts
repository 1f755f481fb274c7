import { type z } from "zod";
import { type MemberConfig } from "../fields";
import { type Flow, type HostGroup, type HostPlan, type MasterExtras } from "../model";
import { type HostNeeds } from "../needs";
import { type Problem } from "../problems";
import { type NetworkConfig } from "../schema/network";
import { type Versions } from "../schema/versions";

/** What every etcd cluster has, wherever its members live. */
export interface EtcdBase {
  topology: string;
  /** Name of the cluster; clusters that reach each other by mistake do not mix. */
  cluster: string;
  /** Hosts of the members. */
  members: readonly HostPlan[];
  /** `https://<address>:2379` of every member. */
  endpoints: readonly string[];
  /** Release of etcd. */
  version: string;
  /** Release of the kubeadm that writes its static pods. */
  kubernetesVersion: string;
  /** Port of the apiservers; kubeadm asks for it, etcd has no use for it. */
  apiserverPort: number;
  /** Flags of every member besides the cluster's own. */
  extraArgs: Readonly<Record<string, string>>;
}

/** What an etcd cluster is planned from, beside its configuration. */
export interface EtcdSite {
  cluster: string;
  /** Every host with the duty `etcd`. */
  members: readonly HostPlan[];
  versions: Versions;
  apiserverPort: number;
}

/** What the rules of a topology look at, beside its configuration, as far as it could be read. */
export interface EtcdSurroundings {
  network: NetworkConfig | undefined;
  masters: readonly MemberConfig[] | undefined;
}

/** Where etcd lives: all that is decided about it, as pure functions. `C` is its branch of the section `etcd`, `P` its plan. */
export interface EtcdTopology<C extends { topology: string }, P extends EtcdBase> {
  topology: C["topology"];
  /** Its branch of the configuration: a strict object whose `topology` is this one's. */
  config: z.ZodType<C>;
  rules(config: C, around: EtcdSurroundings): Problem[];
  /** Hosts of its own. */
  hosts(config: C): HostGroup[];
  /** What it adds to the masters: a member and its disk, say. */
  onMasters(config: C): MasterExtras;
  plan(config: C, site: EtcdSite): P;
  /** Who talks to whom because of it, whatever the plan. */
  flows: readonly Flow[];
  /** What a host needs because of it, beside its kubelet. */
  needs(plan: P, host: HostPlan): HostNeeds;
}
