import { hostsMarkers } from "../../components/render";
import type { TestLab } from "./lab";

/**
 * Prints what a boot must not change, a line a fact. Of programs the time they were placed at, as hundreds of megabytes are not read for nothing; a mount
 * without its device, which has another name after each boot. Snapshots of etcd come and go by the clock.
 */
const look = `
set -euo pipefail
find /etc /var/lib/kubernetes-ha -xdev -path /var/lib/kubernetes-ha/snapshots -prune -o -type f -print0 | sort -z | xargs -0 sha256sum
for file in /var/lib/kubelet/config.yaml /var/lib/kubelet/kubeadm-flags.env; do [[ ! -e $file ]] || sha256sum "$file"; done
find /etc -xdev -type l -printf '%p -> %l\\n' | sort
find /usr/local -xdev -type f -printf '%p %s %T@\\n' | sort
cat /dev/null $(ls /etc/sysctl.d/zz-kubernetes-ha.conf 2>/dev/null) | sed -nE 's/^-?([a-z][^ =]*) *=.*/\\1/p' | while read -r name; do
  printf 'sysctl %s = %s\\n' "$name" "$(sysctl -n "$name" 2>&1)"
done
findmnt --raw --noheadings --output TARGET,FSTYPE,OPTIONS /var/lib/etcd || true
tail -n +2 /proc/swaps
apt-mark showhold | sed 's/^/held /'
hostname
`;

/** State of each host by name. */
export type HostStates = Record<string, string[]>;

/** What hosts are like, to be compared with themselves after a boot. */
export async function hostStates(lab: TestLab, hosts: readonly string[]): Promise<HostStates> {
  const states = await Promise.all(
    hosts.map(async (host) => [host, (await lab.onHost(host, look)).trim().split("\n")] as const),
  );
  return Object.fromEntries(states);
}

/** Of each host the lines that are no longer there, and those that are new. */
export function changedStates(before: HostStates, after: HostStates): string[] {
  const without = (some: string[] = [], others: string[] = []) =>
    some.filter((line) => !others.includes(line));
  return Object.keys({ ...before, ...after }).flatMap((host) => [
    ...without(before[host], after[host]).map((line) => `${host}: was ${line}`),
    ...without(after[host], before[host]).map((line) => `${host}: is ${line}`),
  ]);
}

/** Does to hosts what a boot of a public image, or a loss of power, may do: /etc/hosts without the cluster's names, a manifest that is empty. */
export async function undo(lab: TestLab, hosts: readonly string[], damaged: string): Promise<void> {
  const { begin, end } = hostsMarkers;
  await Promise.all(
    hosts.map((host) => lab.onHost(host, `sed -i '/^${begin}$/,/^${end}$/d' /etc/hosts`)),
  );
  await lab.onHost(damaged, ": >/etc/kubernetes/manifests/etcd.yaml");
}
