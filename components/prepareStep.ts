import type * as pulumi from "@pulumi/pulumi";
import type { PoolPreparation } from "./poolPreparation";
import { type PlacedFile, RemoteStep } from "./remote/remoteStep";
import type { StepHost } from "./remote/stepHost";
import { dataDiskUnit, renderDataDiskUnit } from "./render";

/** Seconds preparing one host may take: packages, binaries and images over a slow line, a disk that is being attached, peers that boot. */
export const prepareSeconds = 1800;

/** A data disk to make ready. */
export interface PreparedDisk {
  id: pulumi.Output<string>;
  /** Must have been asked for, before the host is asked for the disk. */
  attachment: pulumi.Resource;
  mountPoint: string;
}

/** What a host is prepared with. */
export interface PrepareArgs {
  preparation: PoolPreparation;
  disk?: PreparedDisk | undefined;
  /** Files of this host alone that the plan does not know. @default none */
  files?: PlacedFile[];
}

/**
 * The step that makes a plain host ready for its role, then looks whether it is fit for it: name and machine id, clock against its peers', the flows its
 * peers have open for it, MTU, and on etcd's hosts the data disk. All that is wrong is told in one report.
 */
export function prepareStep(
  host: StepHost & pulumi.ComponentResource,
  { preparation, disk, files: own = [] }: PrepareArgs,
): RemoteStep {
  const { shared, params, files } = preparation.step(host.plan);
  return new RemoteStep(
    `${host.plan.name}-prepare`,
    {
      host,
      step: "prepare-host",
      seconds: prepareSeconds,
      shared,
      params: disk === undefined ? params : { ...params, DISK_ID: disk.id },
      files: [...files, ...own, ...(disk === undefined ? [] : [dataDiskFile(disk)])],
    },
    { parent: host, ...(disk === undefined ? {} : { dependsOn: disk.attachment }) },
  );
}

function dataDiskFile({ id, mountPoint }: PreparedDisk) {
  return {
    path: `/etc/systemd/system/${dataDiskUnit}`,
    content: id.apply((known) => renderDataDiskUnit(known, mountPoint)),
  };
}
