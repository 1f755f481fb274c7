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

/** A host that a step prepares: with what all hosts of its pool have, and with a data disk if it has one. */
export interface PreparedHost extends StepHost {
  preparation: PoolPreparation;
  disk?: PreparedDisk | undefined;
}

/** What a step that prepares a host is given for it. @param own Files of this host alone that the plan does not know. */
export function prepareArgs({ plan, preparation, disk }: PreparedHost, own: PlacedFile[] = []) {
  const { shared, params, files } = preparation.step(plan);
  return {
    shared,
    params: disk === undefined ? params : { ...params, DISK_ID: disk.id },
    files: [...files, ...own, ...(disk === undefined ? [] : [dataDiskFile(disk)])],
  };
}

/**
 * The step that makes a plain host ready for its role, then looks whether it is fit for it: name and machine id, clock against its peers', the flows its
 * peers have open for it, MTU, and on etcd's hosts the data disk. All that is wrong is told in one report.
 * @param own Files of this host alone that the plan does not know. @default none
 */
export function prepareStep(
  host: PreparedHost & pulumi.ComponentResource,
  own: PlacedFile[] = [],
): RemoteStep {
  return new RemoteStep(
    `${host.plan.name}-prepare`,
    {
      host,
      step: "prepare-host",
      seconds: prepareSeconds,
      ...prepareArgs(host, own),
    },
    { parent: host, dependsOn: afterDisk(host) },
  );
}

/** What such a step waits for. */
export function afterDisk({ disk }: PreparedHost): pulumi.Resource[] {
  return disk === undefined ? [] : [disk.attachment];
}

function dataDiskFile({ id, mountPoint }: PreparedDisk) {
  return {
    path: `/etc/systemd/system/${dataDiskUnit}`,
    content: id.apply((known) => renderDataDiskUnit(known, mountPoint)),
  };
}
