// The configuration of components/plan/schema.ts in types that every language has: no unions, every object named. What values may be, and the
// defaults, is said in docs/settings.md.

/** Subnet in a zone. */
export interface Zone {
  /** Zone of the region, such as ap-guangzhou-6. */
  zone: string;
  /** Range of the subnet, inside the VPC's. */
  subnetCidr: string;
}

/** What is there before the cluster. */
export interface ExistingNetwork {
  /** Id of the VPC. */
  vpcId: string;
  /** Ids of subnets of it that the cluster is to live in, by zone. */
  subnetIds?: Record<string, string>;
}

export interface Network {
  /** Range of the VPC. */
  vpcCidr: string;
  /** A VPC that is there already, for the cluster to live in. */
  existing?: ExistingNetwork;
  /** Frames between hosts are forwarded by their MAC, as by a switch in a data centre; false on a VPC. */
  layer2?: boolean;
  /** Zones the cluster uses, one subnet each; the first is the default of every member. */
  zones: Zone[];
  /** Whether a NAT gateway of the cluster's own leads hosts out of the VPC. */
  nat?: boolean;
  /** Range pods get their addresses from. */
  podCidr?: string;
  /** Range of Service addresses. */
  serviceCidr?: string;
  /** DNS domain inside the cluster. */
  clusterDomain?: string;
  /** The one name of the API. */
  apiName?: string;
  /** Ranges, besides the nodes themselves, that may reach NodePort Services. */
  nodePortCidrs?: string[];
}

export interface Disk {
  /** Disk type, such as CLOUD_HSSD. */
  type?: string;
  /** Size in GiB, a multiple of 10. */
  sizeGiB?: number;
}

export interface DataDisk {
  /** Disk type, such as CLOUD_HSSD. */
  type?: string;
  /** Size in GiB, a multiple of 10. */
  sizeGiB?: number;
  /** Whether the platform encrypts it. Decided when the disk is made. */
  encrypt?: boolean;
}

/** How the pods of a node leave it when it goes. */
export interface Drain {
  /** Seconds they may take. Default 300. */
  timeoutSeconds?: number;
  /** What is done when some have not gone: fail or force. Default fail. */
  onTimeout?: string;
}

export interface Bastion {
  /** Instance type of the bastion, the only host reached from outside. */
  instanceType: string;
  /** System disk. */
  systemDisk?: Disk;
  /** Ranges that may log in to the bastion. */
  allowedCidrs: string[];
  /** Whether it has an address outside, which is the default. */
  publicAddress?: boolean;
}

export interface Member {
  /** Key of the member: a number from 1, or a letter. */
  key: string;
  /** Zone it lives in. */
  zone?: string;
  /** Instance type of this member alone. */
  instanceType?: string;
}

export interface Etcd {
  /** external (the default), on hosts of its own, or stacked, a member on each master. */
  topology?: string;
  /** 3, 5 or 7 members. Of topology external. */
  members?: number;
  /** The members themselves, instead of their count. Of topology external. */
  memberKeys?: Member[];
  /** Instance type of every member. Of topology external. */
  instanceType?: string;
  /** System disk. Of topology external. */
  systemDisk?: Disk;
  /** Data disk of every member. */
  disk?: DataDisk;
  /** Snapshots of the data, on every member. */
  snapshots?: Snapshots;
}

export interface Snapshots {
  /** Whether members take snapshots. */
  enabled?: boolean;
  /** How often each member takes one, such as 1h. */
  every?: string;
  /** How many a member keeps. */
  keep?: number;
  /** Days after which a member drops one. */
  keepDays?: number;
  /** Where each goes as well, sealed. */
  cos?: SnapshotBucket;
}

export interface SnapshotBucket {
  /** Bucket that is there, such as backups-1250000000. */
  bucket: string;
  /** Where members reach the storage, without the bucket. */
  endpoint?: string;
}

export interface Masters {
  /** Two or more masters. */
  members?: number;
  /** The masters themselves, instead of their count. */
  memberKeys?: Member[];
  /** Instance type of every master. */
  instanceType: string;
  /** System disk. */
  systemDisk?: Disk;
}

export interface Balancers {
  /** Two or more balancers, all in one zone. */
  members?: number;
  /** The balancers themselves, instead of their count. */
  memberKeys?: Member[];
  /** Instance type of every balancer. */
  instanceType: string;
  /** System disk. */
  systemDisk?: Disk;
}

export interface Directors {
  /** Two or more directors, all in one zone. */
  members?: number;
  /** The directors themselves, instead of their count. */
  memberKeys?: Member[];
  /** Instance type of every director. */
  instanceType: string;
  /** System disk. */
  systemDisk?: Disk;
}

/** A service that HAProxy of the entry fronts beside the API. */
export interface ExtraFrontend {
  name: string;
  /** `tcp` (the default), `http` or `https`. */
  mode?: string;
  /** Port that clients dial. */
  port: number;
  /** Name that nodes resolve to the virtual address. */
  hostname?: string;
  /** Ranges, besides nodes and the bastion, that may reach it. */
  allowedCidrs?: string[];
  /** Servers outside the cluster, `<address>:<port>` each. */
  servers?: string[];
  /** Workers of a pool as servers, instead. */
  pool?: FrontendPool;
  /** How servers are checked. Default: a TCP connection. */
  check?: FrontendCheck;
}

export interface FrontendPool {
  /** Name of the pool. */
  name: string;
  /** Port of its workers. */
  port: number;
}

export interface FrontendCheck {
  /** Path that answers a GET. */
  path: string;
  /** Asked over TLS. */
  tls?: boolean;
}

export interface Entry {
  /** `vip`, `clb`, `lvs` or `nodeLocal`. */
  kind?: string;
  /** Of kind `vip`: what carries the virtual address and HAProxy, `balancers` (the default) or `masters`. */
  on?: string;
  /** Of kind `vip`: those hosts, unless the masters do. Of kind `lvs`: hosts that run HAProxy; without any, directors send straight to the masters. */
  balancers?: Balancers;
  /** Of kind `lvs`: hosts that carry the virtual address and LVS. */
  directors?: Directors;
  /** Of kind `lvs`: how directors send connections on, `dr` or `nat`. */
  forwarding?: string;
  /** Of kind `lvs`: how a connection finds its server, `lc`, `rr` or `sh`. */
  scheduler?: string;
  /** Of kind `clb`: zone of the subnet that the load balancer's address is of. */
  zone?: string;
  /** Of kind `nodeLocal`: `haproxy` (the default), `nginx` or `ipvs`. */
  proxy?: string;
  /** Of kind `nodeLocal` with proxy `ipvs`: the address that IPVS forwards. */
  virtualAddress?: string;
  /** The virtual address, in the subnet of the balancers, the directors or the load balancer. */
  vip?: string;
  /** VRRP router id, unique among the keepalived groups of the subnet. */
  virtualRouterId?: number;
  /** Services that HAProxy fronts beside the API, of kind `vip` and of `lvs` with balancers. */
  extraFrontends?: ExtraFrontend[];
}

/** Metrics in Prometheus' format, at private addresses. */
export interface Monitoring {
  /** Ranges, besides the bastion, that may read them. */
  allowedCidrs?: string[];
  /** Whether a Prometheus in the cluster reads them. */
  inCluster?: boolean;
}

/** A registry of the cluster's own, behind HAProxy of the entry. */
export interface Registry {
  /** `distribution`. Harbor's passwords cannot be given here yet. */
  kind: string;
  /** Two or more hosts. */
  members?: number;
  /** The hosts themselves, instead of their count. */
  memberKeys?: Member[];
  /** Instance type of every host. */
  instanceType: string;
  /** System disk. */
  systemDisk?: Disk;
  /** Name of the registry. */
  hostname?: string;
  /** Port that images are pulled at. */
  port?: number;
  /** Port that images are pushed at. */
  pushPort?: number;
  /** Ranges, besides nodes and the bastion, that may pull. */
  allowedCidrs?: string[];
  /** Ranges, besides the bastion, that may push. */
  pushCidrs?: string[];
  /** Registries whose images nodes ask for here first. */
  mirrored?: string[];
  /** Where images are kept. */
  cos: RegistryBucket;
}

export interface RegistryBucket {
  /** Bucket that is there, such as images-1250000000. */
  bucket: string;
  /** Where hosts reach the storage, without the bucket. */
  endpoint?: string;
}

export interface Taint {
  key: string;
  value?: string;
  /** NoSchedule, PreferNoSchedule or NoExecute. */
  effect: string;
}

/** Data disk of a worker. */
export interface PoolDisk {
  /** Disk type, such as CLOUD_PREMIUM. */
  type?: string;
  /** Size in GiB, a multiple of 10. */
  sizeGiB?: number;
  /** Whether the platform encrypts it. Decided when the disk is made. */
  encrypt?: boolean;
  /** Where it is mounted: /var/lib/containerd (the default), or a directory at or below /data, /mnt or /srv. */
  mountPath?: string;
}

/** How workers are paid for. */
export interface Charge {
  /** `hourly`, `spot` or `prepaid`. */
  kind: string;
  /** Of kind `spot`: most that an hour may cost, such as 0.35. */
  maxPrice?: string;
  /** Of kind `prepaid`: months that a new worker is paid for, 1 to 12, 24 or 36. */
  months?: number;
  /** Of kind `prepaid`: whether it is paid for by the month from then on. Default true. */
  autoRenew?: boolean;
}

export interface WorkerPool {
  /** Name of the pool, part of its hosts' names. */
  pool: string;
  /** Workers of the pool. */
  members?: number;
  /** The workers themselves, instead of their count. */
  memberKeys?: Member[];
  /** Instance type of the pool. */
  instanceType: string;
  /** System disk. */
  systemDisk?: Disk;
  /** Zone of the pool. */
  zone?: string;
  /** First block of 32 addresses of the pool in its subnet. */
  addressBlock?: number;
  /** Labels the nodes register with. */
  labels?: Record<string, string>;
  /** Taints the nodes register with. */
  taints?: Taint[];
  /** Workers of the pool that may be away at a time while it goes to another release of Kubernetes. */
  maxUnavailable?: number;
  /** Disk of its own for every worker. */
  dataDisk?: PoolDisk;
  /** How its machines are paid for. */
  charge?: Charge;
  /** Script that root runs once on every new worker, at its first boot. */
  firstBootScript?: string;
  /** Image of the pool's hosts. */
  imageId?: string;
  /** Processor architecture of the pool's hosts: amd64 or arm64. */
  architecture?: string;
}

export interface Versions {
  /** Kubernetes release, such as v1.36.3. */
  kubernetes: string;
  /** etcd release. */
  etcd: string;
  /** containerd release, 2.x. */
  containerd: string;
  /** flannel release. */
  flannel: string;
  /** CoreDNS release. */
  coredns: string;
  /** Release of kube-network-policies, where the pod network has it. */
  kubeNetworkPolicies?: string;
  /** Release of the pause image. */
  pause: string;
  /** Release of Distribution, of clusters with a registry. */
  distribution?: string;
}

/** How pods of different nodes reach each other. */
export interface PodNetwork {
  /** flannel, the default. */
  kind?: string;
  /** Who enforces NetworkPolicy objects: none (the default) or kube-network-policies. */
  networkPolicy?: string;
}

export interface Sources {
  /** upstream (the default), what the projects themselves have released, or mirror, a mirror of your own. */
  kind?: string;
  /** global (the default), or china: mirrors that hosts in mainland China reach. Of kind upstream. */
  preset?: string;
  /** Base addresses in the place of the preset's. Of kind upstream. */
  releases?: Releases;
  /** Where hosts fetch programs. Of kind mirror. */
  baseUrl?: string;
  /** Repository that all images are in. Of kind mirror. */
  imageRepository?: string;
  /** Pinned sha256 by path below the base address. */
  checksums?: Record<string, string>;
}

export interface Releases {
  /** Base address of Kubernetes' releases. */
  kubernetes?: string;
  /** Base address of containerd's releases. */
  containerd?: string;
  /** Base address of etcd's releases. */
  etcd?: string;
  /** Base address of Distribution's releases. */
  distribution?: string;
}

export interface Images {
  /** Registries spoken to in plain HTTP. */
  insecureRegistries?: string[];
  /** By registry: where its images are asked for first. */
  mirrors?: Record<string, string[]>;
}

export interface ClusterArgs {
  /** Name of the cluster, first part of every name it makes. */
  clusterName: string;
  /** Image of every host. */
  imageId: string;
  /** What the cluster runs, each release pinned. */
  versions: Versions;
  /** Processor architecture of every host: amd64 or arm64. */
  architecture?: string;
  /** Login user of every host. */
  sshUser?: string;
  /** Tags for every resource that can carry tags. */
  tags?: Record<string, string>;
  /** Time servers of the hosts. */
  ntpServers?: string[];
  network: Network;
  podNetwork?: PodNetwork;
  bastion: Bastion;
  etcd: Etcd;
  masters: Masters;
  entry: Entry;
  registry?: Registry;
  monitoring?: Monitoring;
  /** Hosts of etcd and masters that may be removed or replaced, such as etcd-4. */
  leaving?: string[];
  drain?: Drain;
  /** Hosts that are made anew, such as etcd-4, by which machine of their name they are. */
  generations?: Record<string, number>;
  /** Worker pools. */
  workers?: WorkerPool[];
  /** Where hosts get programs and images from. */
  sources?: Sources;
  /** Where containerd asks for container images, whatever they are called. */
  images?: Images;
  /** Whether the cloud is asked before anything is made. Default true. */
  preflight?: boolean;
  /** Change it to make every key and certificate anew: a new identity of the cluster. */
  pkiRotation?: string;
  /** Change it to issue the clients' certificates anew. */
  clientRotation?: string;
}
