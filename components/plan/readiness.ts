/**
 * Where an apiserver says whether it can serve, as far as that is its own doing: booted, informers filled, not stopping. What it says of
 * etcd is left out: all members share it, so etcd without a quorum for a moment would take all of them out of every balancer at once and
 * cut every watch, which an apiserver could have gone on serving from memory. Before it first reached etcd it is not ready either way: its hooks
 * after the start need it. Anybody may ask (ClusterRole system:public-info-viewer), and the answer needs nothing but the process.
 */
export const readinessPath = "/readyz?exclude=etcd&exclude=etcd-readiness";
