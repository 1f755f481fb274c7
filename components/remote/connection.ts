import type { types } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { SshKey } from "../pki/sshKey";

/** A host's SSH end. */
export interface SshEnd {
  /** Address the operator (for the bastion) or the bastion (for all others) reaches it at. */
  address: pulumi.Input<string>;
  /** Login user. */
  user: pulumi.Input<string>;
  /** The key the host must show, `ssh-ed25519 AAAA...`. */
  hostKey: pulumi.Input<string>;
}

/**
 * How often dialling may fail before a step gives up. The plugin waits 0.1 s, then half as much again each time up to 5 s:
 * 40 failures are about 2.5 minutes of refused connections, twice what a cloud host takes to boot.
 */
const dialErrorLimit = 40;
/** Seconds one dial may take. */
const perDialTimeout = 10;

/**
 * The connection to a host, through the bastion if there is one, both host keys pinned. Built here only and field by field:
 * the plugin prints the whole object, private key included, when it meets a field that it does not know.
 * @param operator Key of the operator. Kept secret.
 */
export function connection(
  target: SshEnd,
  operator: pulumi.Output<SshKey>,
  bastion?: SshEnd,
): types.input.remote.ConnectionArgs {
  const end = (host: SshEnd) => ({
    host: host.address,
    port: 22,
    user: host.user,
    hostKey: host.hostKey,
    // Stands in the state twice for every step: the shortest form there is.
    privateKey: pulumi.secret(operator.pkcs8),
    dialErrorLimit,
    perDialTimeout,
  });
  return bastion === undefined ? end(target) : { ...end(target), proxy: end(bastion) };
}
