import type * as pulumi from "@pulumi/pulumi";

/** The way to the API, whatever stands before the masters. */
export interface ApiEntry {
  /** `https://<name>:<port>`: the one name of the API. */
  readonly url: string;
  /** `<name>:<port>`, kubeadm's controlPlaneEndpoint. */
  readonly endpoint: string;
  /** Address that the name stands for outside the masters. */
  readonly address: pulumi.Output<string>;
  /** What has to be there for the entry to work. */
  readonly ready: pulumi.Resource[];
}
