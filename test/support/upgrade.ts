import { versions } from "../../toolchain/versions";
import type { Edit } from "./edits";
import { etcdctl } from "./etcdctl";
import type { TestLab } from "./lab";

/** Releases of Kubernetes that a lab with `--next-kubernetes` can have. */
export const releases = {
  from: `v${versions.kubernetes}`,
  to: `v${versions.nextKubernetes}`,
} as const;

/** Releases of etcd that a lab with `--former-etcd` can have. */
export const etcdReleases = {
  from: `v${versions.formerEtcd}`,
  to: `v${versions.etcd}`,
} as const;

/** Has a cluster go to another release of Kubernetes. */
export function toRelease(kubernetes: string): Edit {
  return (cluster) => {
    cluster.versions = { ...cluster.versions, kubernetes };
  };
}

/** Has a cluster go to another release of etcd. */
export function toEtcdRelease(etcd: string): Edit {
  return (cluster) => {
    cluster.versions = { ...cluster.versions, etcd };
  };
}

/** A member of etcd, as it tells itself. */
export interface Member {
  address: string;
  /** `v3.7.3`. */
  release: string;
  leads: boolean;
}

interface EndpointStatus {
  Endpoint: string;
  Status: { header: { member_id: number }; version: string; leader: number };
}

/** All members, asked on the host of one. */
export async function members(lab: TestLab, host: string): Promise<Member[]> {
  const said = await etcdctl(lab, host, "endpoint status --cluster --write-out json");
  return (JSON.parse(said) as EndpointStatus[]).map(({ Endpoint, Status }) => ({
    address: new URL(Endpoint).hostname,
    release: `v${Status.version}`,
    leads: Status.leader === Status.header.member_id,
  }));
}

/** Release of the kubelet of each node, with what else its name says: `lab-master-1 v1.36.3 Ready`. */
export async function kubelets(lab: TestLab): Promise<string[]> {
  const line =
    '{.metadata.name} {.status.nodeInfo.kubeletVersion} {.status.conditions[?(@.type=="Ready")].status} {.spec.unschedulable}';
  const said = await lab.kubectl(
    "get",
    "nodes",
    "-o",
    `jsonpath={range .items[*]}${line}{"\\n"}{end}`,
  );
  return said
    .trim()
    .split("\n")
    .map((each) => each.trim());
}

/** Release that each of these addresses serves, asked on a master. */
export async function apiservers(
  lab: TestLab,
  master: string,
  addresses: readonly string[],
): Promise<string[]> {
  const ask = addresses.map(
    (address) =>
      `kubectl --kubeconfig /etc/kubernetes/admin.conf --server https://${address}:6443 --request-timeout 10s get --raw /version | grep -o 'v[0-9.]*[0-9]' | head -n 1`,
  );
  return (await lab.onHost(master, ask.join("\n"))).trim().split("\n");
}
