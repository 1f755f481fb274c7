/** A test that is not run on the lab. */
export interface LeftOut {
  /** Its whole name. */
  name: string;
  /** Why it cannot say anything there. */
  reason: string;
}

const proxy =
  "dials the API by itself, past the proxy that the kubeconfig names, and the lab's API is reached from outside the VPC by that alone";

/** All of them: each is named, so that a new one of the same kind is run and seen. */
export const leftOut: readonly LeftOut[] = [
  "[sig-node] Pods should support remote command execution over websockets [NodeConformance] [Conformance]",
  "[sig-node] Pods should support retrieving logs from the container over websockets [NodeConformance] [Conformance]",
].map((name) => ({ name, reason: proxy }));
