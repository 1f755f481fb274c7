/** Ports of the cluster, each in one place. */
export const ports = {
  ssh: 22,
  api: 6443,
  etcdClient: 2379,
  etcdPeer: 2380,
  kubelet: 10250,
  /** flannel's VXLAN, UDP. */
  vxlan: 8472,
  nodePorts: { first: 30000, last: 32767 },
} as const;
