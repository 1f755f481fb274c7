import type { HostPlan } from "../plan/cluster";

const takeOut = "/usr/local/lib/kubernetes-ha/take-out.sh";

/**
 * Who takes members out that leave, for the bastion: known_hosts of OpenSSH, each line with the name and the duties of its host at the end.
 * @param hosts with the SSH keys they show.
 */
export function renderDeparturePeers(
  hosts: readonly (Pick<HostPlan, "name" | "address" | "duties"> & { hostKey: string })[],
): string {
  return hosts
    .map(
      ({ name, address, duties, hostKey }) => `${[address, hostKey, name, ...duties].join(" ")}\n`,
    )
    .join("");
}

/**
 * Who may ask a master or a member of etcd to take out others that leave, as authorized_keys of an account of its own: one key, from the bastion, which runs one
 * script whatever is asked for.
 * @param publicKey of the departures, `ssh-ed25519 AAAA...`.
 */
export function renderDepartureKeys(
  { address }: Pick<HostPlan, "address">,
  publicKey: string,
): string {
  const command = `sudo -n ${takeOut} \\"$SSH_ORIGINAL_COMMAND\\"`;
  return `restrict,from="${address}",command="${command}" ${publicKey}\n`;
}

/** What that account may do as root, for sudoers. */
export function renderDepartureRights(): string {
  return `kubernetes-ha-departure ALL=(root) NOPASSWD: ${takeOut}\n`;
}
