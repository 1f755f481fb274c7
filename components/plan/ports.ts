/** Ports of the cluster, each in one place. */
export const ports = {
  ssh: 22,
  /** Of an apiserver. */
  api: 6443,
  /** HAProxy of a master: the way to its own apiserver, and what that says of itself in plain HTTP. */
  localApi: 6444,
  apiReadiness: 6445,
  /** Of a balancer that shares its host with an apiserver: kubeadm's guide has HAProxy there. */
  balancedApi: 8443,
  etcdClient: 2379,
  etcdPeer: 2380,
  /** etcd's metrics and health, on loopback; at the private address too where the cluster is monitored. */
  etcdMetrics: 2381,
  kubelet: 10250,
  /** HAProxy's own health, where another host asks for it. */
  proxyHealth: 8404,
  haproxyMetrics: 8405,
  /** Of Debian's node_exporter. */
  hostMetrics: 9100,
  /** flannel's VXLAN, UDP. */
  vxlan: 8472,
  /** From here on a balancer takes ports for its own connections. */
  firstLocal: 10240,
  nodePorts: { first: 30000, last: 32767 },
} as const;
