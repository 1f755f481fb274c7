import { z } from "zod";
import { cidr, dnsName, zone } from "../fields";

/** Section `network`. */
export const network = z.strictObject({
  /** Range of the VPC. */
  vpcCidr: cidr,
  /** Zones the cluster uses, one subnet each (/16 to /24). New ones go last: the first is the default of every member. */
  zones: z
    .array(
      z.strictObject({
        /** Zone of the region. */
        zone,
        /** Range of the subnet, inside the VPC's. */
        subnetCidr: cidr,
      }),
    )
    .min(1),
  /**
   * The user's word that frames between these hosts are forwarded by their MAC, and sources not checked, as by a switch in a data centre.
   * The network of a cloud forwards by address: leave it false there.
   */
  layer2: z.boolean().default(false),
  /**
   * Whether a NAT gateway of the cluster's own leads hosts and pods out of the VPC, with an address that all of them are seen by. Without one only the bastion
   * has a way out, unless there is another one that the cluster does not make. Costs by the hour and by traffic.
   * @default true with sources.kind upstream, else false
   */
  nat: z.boolean().optional(),
  /** Range pods get their addresses from; each node takes a /24 of it. */
  podCidr: cidr.default("10.244.0.0/16"),
  /** Range of Service addresses; the first is the API's, the tenth the DNS server's. */
  serviceCidr: cidr.default("10.96.0.0/16"),
  /** DNS domain inside the cluster. */
  clusterDomain: dnsName.default("cluster.local"),
  /** The one name of the API, in the certificates and in /etc/hosts of every host. @default `api.<cluster>.internal` */
  apiName: dnsName.optional(),
  /**
   * Link-local ranges that pods may reach: the platform serves names, packages and buckets there. The metadata of the host, with its user
   * data and the credentials of its role, is kept from them in any case. @default none
   */
  podLinkLocalCidrs: z.array(cidr).default([]),
  /** Ranges, besides the nodes themselves, that may reach NodePort Services. @default none */
  nodePortCidrs: z.array(cidr).default([]),
});

/** The network as configured. */
export type NetworkConfig = z.output<typeof network>;
