import type { BucketRecord, ObjectRecord, UploadRecord } from "./cos/records";
import type { CamPolicyRecord, RolePolicyRecord, RoleRecord } from "./services/cam/records";
import type { PrivateRecordRecord, PrivateZoneRecord } from "./services/privatedns/records";
import type {
  ListenerRecord,
  LoadBalancerRecord,
  LoadBalancerTaskRecord,
  TargetGroupRecord,
} from "./services/clb/records";

/** What the cloud keeps of each resource. Plain data; every record has an id and the order it was made in. */
export interface BaseRecord {
  id: string;
  /** Position in creation order over all kinds. */
  seq: number;
  /** ISO 8601, UTC. */
  createdAt: string;
}

export interface VpcRecord extends BaseRecord {
  name: string;
  cidr: string;
  multicast: boolean;
  dnsServers: string[];
  domainName: string;
  assistantCidrs: string[];
}

export interface SubnetRecord extends BaseRecord {
  vpcId: string;
  name: string;
  cidr: string;
  zone: string;
  broadcast: boolean;
  routeTableId: string;
}

export interface RouteRecord {
  routeId: number;
  itemId: string;
  destination: string;
  gatewayType: string;
  gatewayId: string;
  description: string;
  enabled: boolean;
  createdAt: string;
}

export interface RouteTableRecord extends BaseRecord {
  vpcId: string;
  name: string;
  main: boolean;
  routes: RouteRecord[];
}

export interface PolicyRecord {
  /** Lower case, as the API returns it: tcp, udp, icmp, icmpv6, gre, all. */
  protocol: string;
  /** `ALL`, one port, a list or a range. */
  port: string;
  cidr: string;
  ipv6Cidr: string;
  securityGroupId: string;
  action: "ACCEPT" | "DROP";
  description: string;
  modifiedAt: string;
}

export interface SecurityGroupRecord extends BaseRecord {
  name: string;
  description: string;
  projectId: string;
  version: number;
  ingress: PolicyRecord[];
  egress: PolicyRecord[];
  updatedAt: string;
}

export interface HaVipRecord extends BaseRecord {
  name: string;
  vip: string;
  vpcId: string;
  subnetId: string;
  checkAssociate: boolean;
  associations: string[];
  ownerInstanceId?: string;
  flushedAt?: string;
}

export type AddressStatus = "CREATING" | "UNBIND" | "BINDING" | "BIND" | "UNBINDING";

export interface AddressRecord extends BaseRecord {
  name: string;
  ip: string;
  type: string;
  isp: string;
  chargeType: string;
  bandwidthMbps: number;
  status: AddressStatus;
  /** Describes left until a CREATING address settles. */
  polls: number;
  /** Instance, HAVIP or NAT gateway it is bound to. */
  targetId?: string;
}

export interface NatGatewayRecord extends BaseRecord {
  name: string;
  vpcId: string;
  subnetId: string;
  zone: string;
  state: "PENDING" | "AVAILABLE" | "DELETING";
  polls: number;
  bandwidthMbps: number;
  maxConnections: number;
  productVersion: number;
  deletionProtection: boolean;
}

export type InstanceState =
  | "PENDING"
  | "LAUNCH_FAILED"
  | "RUNNING"
  | "STOPPED"
  | "STARTING"
  | "STOPPING"
  | "REBOOTING"
  /** Prepaid and given back: in the recycle bin, off, with all that it holds. */
  | "SHUTDOWN"
  | "TERMINATING";

export interface InstanceRecord extends BaseRecord {
  name: string;
  hostName: string;
  uuid: string;
  zone: string;
  projectId: number;
  instanceType: string;
  cpus: number;
  memoryGiB: number;
  imageId: string;
  chargeType: string;
  renewFlag: string;
  internetChargeType: string;
  internetMbps: number;
  vpcId: string;
  subnetId: string;
  privateIp: string;
  /** Ordinary (not elastic) public address given at creation. */
  publicIp?: string;
  securityGroupIds: string[];
  keyIds: string[];
  keepImageLogin: boolean;
  systemDiskId: string;
  /** Base64, as sent. */
  userData: string;
  groupIds: string[];
  camRoleName: string;
  disableApiTermination: boolean;
  /** Physical host; never shown by the API. */
  physicalHost: string;
  state: InstanceState;
  /** What the owner asked for by Start/StopInstances. */
  power: "running" | "stopped";
  /** A fault laid over it by the lab's admin API. */
  overlay?: "failed" | "frozen" | "stopped";
  /** Cut from its network by the lab's admin API. */
  linkCut?: true;
  /** Why it will never start: ordered by the lab's admin API. */
  launchFailure?: string;
  /** A power cycle under way: `off` until the world reports it stopped, `absent` until the body is gone (re-install). */
  cycle?: "off" | "absent";
  latestOperation: string;
  latestOperationState: "SUCCESS" | "OPERATING" | "FAILED";
  latestOperationRequestId: string;
  latestOperationErrorMsg: string;
  stopChargingMode: string;
}

export type DiskState = "CREATING" | "UNATTACHED" | "ATTACHING" | "ATTACHED" | "DETACHING";

export interface DiskRecord extends BaseRecord {
  name: string;
  type: string;
  sizeGiB: number;
  zone: string;
  projectId: number;
  chargeType: string;
  renewFlag: string;
  encrypt: boolean;
  throughputMBps: number;
  usage: "SYSTEM_DISK" | "DATA_DISK";
  /** Elastic disks can be detached. */
  portable: boolean;
  state: DiskState;
  polls: number;
  instanceId?: string;
  /** Order of attachment; decides the device letter. */
  attachedSeq: number;
  lastInstanceId: string;
  deleteWithInstance: boolean;
  backupQuota: number;
}

export interface PlacementGroupRecord extends BaseRecord {
  name: string;
  type: "HOST" | "SW" | "RACK";
  affinity: number;
}

export interface KeyPairRecord extends BaseRecord {
  name: string;
  projectId: number;
  description: string;
  publicKey: string;
}

/** A vpc task: done once the address it works on has settled. */
export interface TaskRecord extends BaseRecord {
  addressId: string;
}

/** Answer given to a ClientToken. */
export interface TokenRecord extends BaseRecord {
  requestHash: string;
  response: unknown;
}

/** Tags of one resource; id is `<service>/<type>/<resource id>`. */
export interface TagRecord extends BaseRecord {
  tags: Record<string, string>;
}

/** A physical host that lost its power; id is its name. */
export type DeadHostRecord = BaseRecord;

export interface Tables {
  vpcs: VpcRecord;
  subnets: SubnetRecord;
  routeTables: RouteTableRecord;
  securityGroups: SecurityGroupRecord;
  haVips: HaVipRecord;
  addresses: AddressRecord;
  natGateways: NatGatewayRecord;
  instances: InstanceRecord;
  disks: DiskRecord;
  placementGroups: PlacementGroupRecord;
  keyPairs: KeyPairRecord;
  privateZones: PrivateZoneRecord;
  privateRecords: PrivateRecordRecord;
  roles: RoleRecord;
  camPolicies: CamPolicyRecord;
  rolePolicies: RolePolicyRecord;
  loadBalancers: LoadBalancerRecord;
  listeners: ListenerRecord;
  targetGroups: TargetGroupRecord;
  loadBalancerTasks: LoadBalancerTaskRecord;
  buckets: BucketRecord;
  objects: ObjectRecord;
  uploads: UploadRecord;
  tasks: TaskRecord;
  tokens: TokenRecord;
  tags: TagRecord;
  deadHosts: DeadHostRecord;
}

/** Tables whose records are things a customer owns; what must be empty after a destroy. */
export const resourceTables = [
  "vpcs",
  "subnets",
  "routeTables",
  "securityGroups",
  "haVips",
  "addresses",
  "natGateways",
  "instances",
  "disks",
  "placementGroups",
  "keyPairs",
  "privateZones",
  "privateRecords",
  "roles",
  "camPolicies",
  "rolePolicies",
  "loadBalancers",
  "listeners",
  "buckets",
  "objects",
  "uploads",
  "targetGroups",
  "tags",
] as const satisfies readonly (keyof Tables)[];

/** A copy of a record without one of its optional fields. */
export function without<R extends object, K extends keyof R>(record: R, field: K): Omit<R, K> {
  const kept = Object.entries(record).filter(([name]) => name !== field);
  return Object.fromEntries(kept) as Omit<R, K>;
}
