import type { HostDemand } from "./demand";

/** What the cloud said to one question: the answer, or why there is none. */
export type Answer<T> = { value: T } | { refused: Refusal };

/** A call that failed. */
export interface Refusal {
  /** `<service>:<action>`, as a permission is written. */
  action: string;
  /** Code of the API; empty when it could not be reached. */
  code: string;
  message: string;
}

/** A quota: how many there may be, and how many there are. */
export interface Quota {
  limit: number;
  used: number;
}

/** How many instances a zone lets an account have, of those that are paid for in one way. */
export interface InstanceQuota extends Quota {
  zone: string;
  kind: HostDemand["charge"]["kind"];
}

/** A VPC of the account. */
export interface VpcFact {
  id: string;
  name: string;
  cidr: string;
  /** Cluster whose tag it carries. */
  cluster?: string;
}

/** A subnet of the VPC that a cluster is to live in. */
export interface SubnetFact extends VpcFact {
  zone: string;
}

/** An address of a subnet, and what has it. */
export interface UsedAddress {
  address: string;
  /** Type and id of the resource. */
  by: string;
}

/** A placement group of the account. */
export interface GroupFact {
  id: string;
  name: string;
}

/** Something the cloud sells, or does not. */
export interface Offer {
  zone: string;
  name: string;
  available: boolean;
  /** Why not, in the cloud's words. */
  reason?: string;
}

/** Instances of one type, paid for in one way. */
export interface InstanceOffer extends Offer {
  /** Charge type, as the API names it. */
  charge: string;
}

/** An image that the account may use. */
export interface ImageFact {
  id: string;
  name: string;
  state: string;
  architecture: string;
}

/** Disks of one type in one zone. */
export interface DiskOffer extends Offer {
  usage: "SYSTEM_DISK" | "DATA_DISK";
  minGiB: number;
  maxGiB: number;
}

/** Everything the preflight got to know about an account. Plain data, so that it is judged apart from how it was asked. */
export interface CloudFacts {
  /** Whose credentials they are. */
  identity: Answer<{ account: string; arn: string }>;
  zones: Answer<{ zone: string; available: boolean }[]>;
  instanceTypes: Answer<InstanceOffer[]>;
  disks: Answer<DiskOffer[]>;
  /** Those of them that there are. */
  images: Answer<ImageFact[]>;
  vpcs: Answer<VpcFact[]>;
  /** Those of the VPC that the cluster is to live in, if that is there already. */
  subnets: Answer<SubnetFact[]>;
  /** Those of the subnets that are there already, among the addresses of the cluster's hosts. */
  usedAddresses: Answer<UsedAddress[]>;
  placementGroups: Answer<GroupFact[]>;
  /** Names of the cluster's own that are there already. */
  hosts: Answer<string[]>;
  dataDisks: Answer<string[]>;
  addresses: Answer<string[]>;
  /** Names of all there are, as their quotas count them. */
  securityGroups: Answer<string[]>;
  keyPairs: Answer<string[]>;
  /** Names of internal ones, where the cluster takes some. */
  loadBalancers: Answer<string[]>;
  limits: {
    vpcs: Answer<number>;
    subnetsPerVpc: Answer<number>;
    haVipsPerVpc: Answer<number>;
    securityGroups: Answer<number>;
    rulesPerSecurityGroup: Answer<number>;
    placementGroups: Answer<Quota>;
    membersPerHostGroup: Answer<number>;
    addresses: Answer<Quota>;
    loadBalancers: Answer<Quota>;
    /** Instances, by zone and how they are paid for. */
    instances: Answer<InstanceQuota[]>;
  };
  /** What an order of each kind of missing hosts would have been answered. */
  stock: { hosts: HostDemand; order: Answer<true> }[];
}
