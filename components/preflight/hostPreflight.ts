import type * as pulumi from "@pulumi/pulumi";
import type { ClusterPlan } from "../plan/cluster";
import { peersOf } from "../plan/peers";
import { prepare } from "../prepare";
import { type PlacedFile, RemoteStep } from "../remote/remoteStep";
import type { StepHost } from "../remote/stepHost";

/** Seconds one host may take: a disk that is being attached, peers that boot, a clock that is being set. */
const seconds = 300;

/** A data disk to make ready before it is measured. */
export interface PreflightDisk {
  id: pulumi.Input<string>;
  /** Its attachment, which must have been asked for. @default it came with the instance */
  attachment?: pulumi.Resource | undefined;
  /** Where its unit mounts it. */
  directory: string;
  /** The unit. */
  unit: PlacedFile;
}

/**
 * Prepares a host, then looks whether it is fit for its role: name and machine id, clock against its peers', the flows its peers
 * have open for it, MTU, and on etcd's hosts the data disk. All that is wrong is told in one report.
 */
export function prepareFit(
  plan: ClusterPlan,
  host: StepHost,
  parent: pulumi.Resource,
  disk?: PreflightDisk,
): RemoteStep {
  const { clockSkewMs, fdatasyncMs } = plan.config.preflight;
  return new RemoteStep(
    `${host.plan.name}-preflight`,
    {
      host,
      step: "preflight",
      seconds,
      params: {
        NODE_NAME: host.plan.name,
        PEERS: peersOf(plan, host.plan).map(({ name, address, ports }) =>
          [name, address, ...ports].join(" "),
        ),
        SKEW_MS: clockSkewMs,
        FDATASYNC_MS: fdatasyncMs,
        DISK_ID: disk?.id ?? "",
        DATA_DIR: disk?.directory ?? "",
      },
      files: disk === undefined ? [] : [disk.unit],
    },
    {
      parent,
      dependsOn: [
        prepare(plan, host, { parent }),
        ...(disk?.attachment === undefined ? [] : [disk.attachment]),
      ],
    },
  );
}
