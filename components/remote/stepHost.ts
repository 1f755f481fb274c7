import { remote, type types } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { HostPlan } from "../plan/cluster";

/** A host that steps can run on. */
export interface StepHost {
  plan: HostPlan;
  /** The machine; steps go with it. */
  instance: pulumi.CustomResource;
  /** How it is reached. */
  connection: pulumi.Input<types.input.remote.ConnectionArgs>;
  /** The archive of scripts on it. */
  scripts: pulumi.Resource;
  /** Tries steps again whose connection broke. */
  retry: pulumi.ErrorHook;
}

/** Where the archive lies on a host, below the login user's home. */
export const remoteArchive = "kubernetes-ha-scripts.tar";

/**
 * Shell that unpacks the archive afresh into `$dir`, as scripts may have changed under a path that somebody is still reading, and runs a command.
 * It stands in the state of every step, so that another text of it runs all of them again.
 */
export function unpacked(command: string): string {
  return [
    "set -eu",
    "dir=$(mktemp -d)",
    `trap 'rm -rf "$dir"' EXIT`,
    `tar -xf ${remoteArchive} -C "$dir"`,
    command,
  ].join("; ");
}

/**
 * Copies all scripts to a host, once for all its steps, and again when one of them changes.
 * @param archive Path of the archive on this machine.
 */
export function copyScripts(
  name: string,
  host: Omit<StepHost, "scripts">,
  archive: pulumi.Input<string>,
  opts: pulumi.CustomResourceOptions,
): remote.CopyToRemote {
  return new remote.CopyToRemote(
    `${name}-scripts`,
    {
      connection: host.connection,
      source: pulumi.output(archive).apply((path) => new pulumi.asset.FileAsset(path)),
      remotePath: remoteArchive,
      triggers: [host.instance.id],
    },
    pulumi.mergeOptions(opts, {
      deletedWith: host.instance,
      // The first to dial a machine that may still be booting.
      customTimeouts: { create: "10m", update: "10m" },
      hooks: { onError: [host.retry] },
    }),
  );
}
