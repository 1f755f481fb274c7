import type * as pulumi from "@pulumi/pulumi";
import type { Host } from "../host";
import type { Network } from "../network";
import type { ClusterPki } from "../pki/clusterPki";
import type { ClusterPlan } from "../plan/cluster";
import type { EntryPlan } from "../plan/entry";

/** What an entry of any kind is made of. */
export interface EntryArgs<P extends EntryPlan> {
  plan: P;
  /** The cluster it is the way to. */
  cluster: ClusterPlan;
  network: Network;
  pki: ClusterPki;
  /** Hosts that have a part in it, `entryHosts` of the plan. */
  hosts: Host[];
  /** Hosts of the masters. */
  masters: Host[];
}

/** The way to the API, whatever stands before the masters. */
export interface ApiEntry {
  /** `https://<name>:<port>`: the one name of the API. */
  readonly url: string;
  /** `<name>:<port>`, kubeadm's controlPlaneEndpoint. */
  readonly endpoint: string;
  /** Address that the name stands for where the kind has none of its own for a host. */
  readonly address: pulumi.Output<string>;
  /** What has to be there for the entry to work. */
  readonly ready: pulumi.Resource[];
  /** What has to be on a master before it starts, where the kind has something there. */
  before?(master: Host): pulumi.Resource[];
  /** Leads connections to a master from when it is ready until it goes, where that is not the entry's own finding. */
  admit?(master: Host, ready: pulumi.Resource): void;
}
