/** Where things live on hosts, in one place for what renders them and for what mentions them. */
export const paths = {
  pki: "/etc/kubernetes/pki",
  /** Certificate of the cluster's CA, and of others that are accepted beside it. */
  ca: "/etc/kubernetes/pki/ca.crt",
  /** That of the CA alone, where it is the one of a later generation. */
  signingCa: "/etc/kubernetes/pki/ca-signing.crt",
  etcdCa: "/etc/kubernetes/pki/etcd/ca.crt",
  etcdClientCertificate: "/etc/kubernetes/pki/apiserver-etcd-client.crt",
  etcdClientKey: "/etc/kubernetes/pki/apiserver-etcd-client.key",
  etcdServerCertificate: "/etc/kubernetes/pki/etcd/server.crt",
  etcdServerKey: "/etc/kubernetes/pki/etcd/server.key",
  /** Authority that masters issue their own clients of etcd with, as kubeadm's directory of certificates. */
  etcdClients: "/etc/kubernetes/pki/etcd-clients",
  etcdClientConfig: "/etc/kubernetes/etcd-client.yaml",
  /** Snapshots that a member has taken, on its system disk: they outlive its data disk. */
  snapshots: "/var/lib/kubernetes-ha/snapshots",
  /** Whom snapshots that leave the host are sealed for. */
  snapshotRecipient: "/etc/kubernetes-ha/snapshot-recipient",
  /** What a host runs at its first boot beside what is ours, what that said, and how it ended. */
  firstBootScript: "/var/lib/kubernetes-ha/first-boot/script",
  firstBootLog: "/var/lib/kubernetes-ha/first-boot/log",
  firstBootStatus: "/var/lib/kubernetes-ha/first-boot/status",
  manifests: "/etc/kubernetes/manifests",
  /** Patches kubeadm lays over what it writes for this node. */
  patches: "/etc/kubernetes/patches",
  kubeletPatch: "/etc/kubernetes/patches/kubeletconfiguration+strategic.yaml",
  apiserverPatch: "/etc/kubernetes/patches/kube-apiserver+json.yaml",
  controllerManagerPatch: "/etc/kubernetes/patches/kube-controller-manager+strategic.yaml",
  /** Labels and taints of the nodes of each pool, for the masters to give to those that are there. */
  nodeSettings: "/etc/kubernetes/node-settings",
  /** Kubeconfig of a worker that joins: the API's address, and where its CA and the worker's first certificate lie. */
  discovery: "/etc/kubernetes/discovery.conf",
  /** Certificate and key, in one file, that a worker asks for its own with; gone once it has joined. */
  bootstrapClient: "/etc/kubernetes/bootstrap-client.pem",
  /** What the apiserver reads beside its flags. */
  apiserverDir: "/etc/kubernetes/apiserver",
  admission: "/etc/kubernetes/apiserver/admission.yaml",
  authentication: "/etc/kubernetes/apiserver/authentication.yaml",
  encryptionDir: "/etc/kubernetes/encryption",
  encryption: "/etc/kubernetes/encryption/config.yaml",
  auditDir: "/etc/kubernetes/audit",
  auditPolicy: "/etc/kubernetes/audit/policy.yaml",
  auditLogDir: "/var/log/kubernetes/audit",
  /** Logins to registries, for the kubelet's pulls. */
  kubeletLogins: "/var/lib/kubelet/config.json",
  criSocket: "unix:///run/containerd/containerd.sock",
  containerdConfig: "/etc/containerd/config.toml",
  registryHosts: "/etc/containerd/certs.d",
  /** CA that containerd knows the cluster's own registry by. */
  registryCa: "/etc/containerd/registry-ca.crt",
  cniTemplate: "/etc/containerd/cni.conflist.template",
  cniConfigDir: "/etc/cni/net.d",
  /** Debian's containernetworking-plugins. */
  cniBinaries: "/usr/lib/cni",
  kubeadmConfig: "/etc/kubernetes/kubeadm.yaml",
  etcdKubeadmConfig: "/etc/kubernetes/etcd.yaml",
  kubeletConfig: "/var/lib/kubelet/config.yaml",
  kubeletDefaults: "/etc/default/kubelet",
  nodeExporter: "/etc/default/prometheus-node-exporter",
  nodeExporterDropIn:
    "/etc/systemd/system/prometheus-node-exporter.service.d/10-kubernetes-ha.conf",
  /** Where Debian's node_exporter finds what it is to tell beside what it knows. */
  hostFacts: "/var/lib/prometheus/node-exporter/kubernetes-ha-plan.prom",
  haproxyConfig: "/etc/haproxy/haproxy.cfg",
  haproxyDropIn: "/etc/systemd/system/haproxy.service.d/10-kubernetes-ha.conf",
  /** CA that HAProxy checks the apiservers' certificates against. */
  haproxyCa: "/etc/haproxy/kubernetes-ca.crt",
  /** Certificate and key, in one file, of what HAProxy fronts over TLS beside the API. */
  haproxyFrontends: "/etc/haproxy/frontends.pem",
  haproxyHealthSocket: "/run/haproxy/health.sock",
  haproxyStatsSocket: "/run/haproxy/admin.sock",
  /** Rules that lead a master's connections to the load balancer to its own HAProxy, and the unit that loads them. */
  apiRedirect: "/etc/kubernetes-ha/api-redirect.nft",
  apiRedirectUnit: "/etc/systemd/system/kubernetes-ha-api-redirect.service",
  nginxConfig: "/etc/nginx/nginx.conf",
  /** What keeps pods from the platform's link-local addresses, for iptables-restore. */
  podFirewall: "/etc/kubernetes-ha/pod-firewall.rules",
  keepalivedConfig: "/etc/keepalived/keepalived.conf",
  keepalivedDropIn: "/etc/systemd/system/keepalived.service.d/10-kubernetes-ha.conf",
  /** On the bastion: who takes members out that leave, as known_hosts of OpenSSH. */
  departurePeers: "/etc/kubernetes-ha/departures/peers",
  /** On those: who may ask for it, and what that one may do. */
  departureKeys: "/var/lib/kubernetes-ha-departure/.ssh/authorized_keys",
  departureRights: "/etc/sudoers.d/kubernetes-ha-departure",
  /** What a registry's host runs: configurations of its programs, what they know each other by, who may push, and how they get keys for the storage. */
  registryDir: "/etc/kubernetes-ha/registry",
  registrySecret: "/etc/kubernetes-ha/registry/secret.env",
  registryUsers: "/etc/kubernetes-ha/registry/users",
  registryKeys: "/etc/kubernetes-ha/registry/keys.conf",
  /** What Harbor's containers read, a directory each, and the pod that they are; the kubelet has it once it is made for this host. */
  harborDir: "/etc/kubernetes-ha/harbor",
  harborPod: "/etc/kubernetes-ha/harbor/pod.yaml",
  /** What an LVS director translates, for iptables-restore. */
  masquerade: "/etc/kubernetes-ha/masquerade.rules",
} as const;
