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
): pulumi.Output<types.input.remote.ConnectionArgs> {
  const ends = bastion === undefined ? [target] : [target, bastion];
  // One secret as a whole: secrets inside it would stand in the state, twice for every step, with a mark of their own.
  return pulumi.all([operator, ends]).apply(([{ pkcs8 }, [own, proxy]]) => {
    if (own === undefined) throw new Error("a connection has an end");
    return proxy === undefined ? end(own, pkcs8) : { ...end(own, pkcs8), proxy: end(proxy, pkcs8) };
  });
}

function end({ address, user, hostKey }: pulumi.Unwrap<SshEnd>, privateKey: string) {
  return { host: address, port: 22, user, hostKey, privateKey, dialErrorLimit, perDialTimeout };
}
