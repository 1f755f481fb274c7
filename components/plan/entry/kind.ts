import { type z } from "zod";
import { type Fault } from "../fault";
import { type MemberConfig } from "../fields";
import {
  type CloudResourcePlan,
  type Flow,
  type HostGroup,
  type HostPlan,
  type MasterExtras,
  type NetworkPlan,
} from "../model";
import { type HostNeeds } from "../needs";
import { type Problem } from "../problems";
import { type Duty } from "../roles";
import { type NetworkConfig } from "../schema/network";
import { type KubeProxyMode } from "../schema/nodes";
import { type ExtraFrontend, type OwnFrontend } from "./frontends";

/** What every way to the API has, whatever stands before the masters. */
export interface EntryBase {
  kind: string;
  /** The API's one name; each kind says what it stands for on which host. */
  apiName: string;
  /** Port that clients dial. An apiserver listens on one of its own, see `apiserverPort` of the plan. */
  port: number;
  /** `<apiName>:<port>`, kubeadm's controlPlaneEndpoint. */
  endpoint: string;
  /** Services that its HAProxy fronts beside the API. @default none */
  extraFrontends?: readonly ExtraFrontend[];
}

/** A program of an entry. */
export type EntryProgram = "haproxy" | "keepalived" | "nginx";

/** A master, as what stands before it reaches it. */
export interface Backend {
  name: string;
  address: string;
  /** Port of its apiserver. */
  port: number;
}

/** What an entry is planned from, beside its configuration. */
export interface EntrySite {
  /** Name of the cluster. */
  cluster: string;
  apiName: string;
  network: NetworkPlan;
  /** Network interface with the private address, the same on every host. */
  networkInterface: string;
  /** Hosts that have a part in it: its own, those of {@link EntryKind.hosts}, and the masters where it gives them a duty. */
  own: readonly HostPlan[];
  /** Where apiservers listen. */
  masters: readonly Backend[];
  /** Workers of all pools. */
  workers: readonly HostPlan[];
  /** Services of the cluster's own that its HAProxy fronts; none where it has none that could. */
  fronted: readonly OwnFrontend[];
}

/**
 * A kind of API entry: all that is decided about it, as pure functions. `C` is its branch of the section `entry`, `P` its plan. The
 * resources that carry it out are in components/entry, the policies see it by its flows, hosts and files.
 */
export interface EntryKind<C extends { kind: string }, P extends EntryBase> {
  kind: C["kind"];
  /** Its branch of the configuration: a strict object whose `kind` is this kind's. */
  config: z.ZodType<C>;
  /** What is wrong between its settings, or between them and the network and the masters, as far as those could be read. */
  rules(
    config: C,
    network: NetworkConfig | undefined,
    masters: readonly MemberConfig[] | undefined,
  ): Problem[];
  /** Why it can front nothing beside the API (`extraFrontends`); undefined where it can. */
  fronting(config: C): Fault | undefined;
  /** Hosts of its own; none for kinds that live on other hosts or in the cloud. */
  hosts(config: C): HostGroup[];
  /** What it adds to the masters: a duty, say. */
  onMasters(config: C): MasterExtras;
  plan(config: C, site: EntrySite): P;
  /** Its `vip` in a subnet unless another is configured. @default none, as it has no `vip` */
  defaultVip?(subnetCidr: string): string;
  /** Who talks to whom because of it. */
  flows(plan: P): readonly Flow[];
  /**
   * What of that is open in every cluster, whichever kind it has: a switch to this kind or from it then opens and closes nothing while both serve. Only to
   * and from hosts that other kinds do not have, whose groups are empty then, or what is no secret to anybody.
   */
  standing: readonly Flow[];
  /** Those of its flows that nobody else may have, whatever the plan: policies judge stacks that have none. */
  guarded: readonly Flow[];
  /** What a host needs because of it, before any of its steps runs. */
  needs(plan: P, host: HostPlan): HostNeeds;
  /** Programs of its that people watch, and whose hosts run them. */
  runs(plan: P): Readonly<Partial<Record<EntryProgram, readonly Duty[]>>>;
  /** What the API's name stands for in /etc/hosts of a host; undefined where a name server says it. */
  alias(plan: P, host: HostPlan): string | undefined;
  /** Names and addresses that the API's certificate must hold because of it, beside its name, masters and own hosts. */
  names(plan: P): string[];
  /** What it makes in the cloud: quotas are asked for as many, and leftovers without tags are known by their names. */
  makes(plan: P): CloudResourcePlan[];
  /** How many hosts of its own may be lost; undefined when it has none to lose. */
  tolerated(plan: P): number | undefined;
  /** What kube-proxy has to be like because of it. @default as configured */
  kubeProxy?(config: C): KubeProxyTerms | undefined;
  /** What can fail, and what clients see of it, for people. */
  failureModes: readonly FailureMode[];
}

/** What a kind asks of kube-proxy. */
export interface KubeProxyTerms {
  mode: KubeProxyMode;
  /** Ranges whose rules are not kube-proxy's to remove. */
  excludeCidrs: readonly string[];
}

/** One way in which an entry fails. */
export interface FailureMode {
  /** `a balancer is lost`. */
  failure: string;
  /** What clients see, and for how long at most. */
  effect: string;
}
