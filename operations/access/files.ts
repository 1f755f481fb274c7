import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { throughProxy } from "../../components/render/clusterAccess";
import type { StackOutputs } from "./outputs";
import { socksHost } from "./proxy";

/** Port of the SOCKS proxy on the loopback, unless another is chosen. */
export const defaultSocksPort = 1080;

/** Its URL: what a kubeconfig has as `proxy-url`. */
export const socksProxy = (port: number): string => `socks5://127.0.0.1:${port}`;

const header = "# The way to a cluster's hosts, written by `npm run access`: changes are lost.";

export interface AccessPlace {
  /** Absolute path of the directory the files lie in; they name one another by it. */
  directory: string;
  /** Port on the loopback where the SOCKS proxy listens. Two clusters at a time need two. */
  socksPort: number;
}

/** Text of each file that gives access to a cluster from outside its VPC, by name. All of them are for their owner alone. */
export function accessFiles(
  outputs: StackOutputs,
  { directory, socksPort }: AccessPlace,
): Record<"id_ed25519" | "known_hosts" | "ssh_config" | "kubeconfig", string> {
  const { bastion } = outputs;
  const hosts = outputs.nodes.filter(({ name }) => name !== bastion.name);
  const path = (name: string): string => join(directory, name);
  return {
    id_ed25519: outputs.sshPrivateKey.trimEnd() + "\n",
    known_hosts: lines(
      `${bastion.name},${bastion.publicIp} ${bastion.hostKey}`,
      ...hosts.map(({ name, privateIp, hostKey }) => `${name},${privateIp} ${hostKey}`),
    ),
    ssh_config: lines(
      header,
      `Host ${socksHost}`,
      `  DynamicForward 127.0.0.1:${socksPort}`,
      "  ExitOnForwardFailure yes",
      "  ServerAliveInterval 5",
      "  ServerAliveCountMax 2",
      `Host ${bastion.name} ${socksHost}`,
      `  HostName ${bastion.publicIp}`,
      ...hosts.flatMap(({ name, privateIp }) => [
        `Host ${name}`,
        `  HostName ${privateIp}`,
        `  ProxyJump ${bastion.name}`,
      ]),
      "Host *",
      `  User ${outputs.sshUser}`,
      `  IdentityFile ${path("id_ed25519")}`,
      "  IdentitiesOnly yes",
      `  UserKnownHostsFile ${path("known_hosts")}`,
      // Private addresses are used again: another network's host may be known by one of them.
      "  GlobalKnownHostsFile /dev/null",
      "  StrictHostKeyChecking yes",
      "  ConnectTimeout 10",
      "  LogLevel ERROR",
    ),
    kubeconfig: throughProxy(outputs.kubeconfig, socksProxy(socksPort)),
  };
}

/**
 * Writes the files of {@link accessFiles}, mode 0600, into a directory of their own, which is made with mode 0700. Written again they
 * are replaced.
 *
 * @throws Error when the directory holds anything else, such as keys of other places, or when ssh could not read its path.
 */
export function writeAccess(
  outputs: StackOutputs,
  { directory, socksPort }: AccessPlace,
): AccessPlace {
  const place = { directory: resolve(directory), socksPort };
  // ssh gives the path of its configuration to the shell as it is when it jumps over the bastion.
  const unsafe = /[^\w@+=:,./-]/.exec(place.directory)?.[0];
  if (unsafe !== undefined)
    throw new Error(
      `${place.directory}: a path with '${unsafe}' in it does not work in an ssh configuration; use letters, digits and ._-+=:,@/ only`,
    );
  mkdirSync(place.directory, { recursive: true, mode: 0o700 });
  const configuration = join(place.directory, "ssh_config");
  const present = readdirSync(place.directory);
  const ours =
    present.includes("ssh_config") && readFileSync(configuration, "utf8").startsWith(header);
  if (present.length > 0 && !ours)
    throw new Error(
      `${place.directory} holds files that are not ours (${present.slice(0, 3).join(", ")}): give a directory that is new or empty`,
    );
  // The ssh configuration first: it says that the directory is ours.
  for (const name of ["ssh_config", "id_ed25519", "known_hosts", "kubeconfig"] as const) {
    const file = join(place.directory, name);
    rmSync(file, { force: true });
    writeFileSync(file, accessFiles(outputs, place)[name], { mode: 0o600, flag: "wx" });
  }
  return place;
}

function lines(...all: string[]): string {
  return all.join("\n") + "\n";
}
