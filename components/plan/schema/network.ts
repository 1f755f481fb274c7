import { z } from "zod";
import { cidr, dnsName, zone } from "../fields";

/** Section `network`. */
export const network = z
  .strictObject({
    vpcCidr: cidr.describe("Range of the VPC."),
    existing: z
      .strictObject({
        vpcId: z
          .string()
          .regex(/^vpc-[a-z0-9]{8}$/, "the id of a VPC such as vpc-8f3ka92p")
          .describe("Id of the VPC. Its range is `network.vpcCidr`."),
        subnetIds: z
          .record(
            zone,
            z.string().regex(/^subnet-[a-z0-9]{8}$/, "the id of a subnet such as subnet-2k8fw1pq"),
          )
          .default({})
          .meta({
            description:
              "Subnets of that VPC that the cluster is to live in, beside others, by zone: it makes none there. Its hosts have fixed addresses in them, which the preflight looks at: none may be another's. The range of each is that of its zone in `network.zones`.",
            defaultText: "none: the cluster makes a subnet of its own in every zone",
          }),
      })
      .optional()
      .meta({
        description:
          "A VPC that is there already, for the cluster to live in beside others: its subnets, security groups and routes stay as they are.",
        defaultText: "none: the cluster makes a VPC of its own",
      }),
    zones: z
      .array(
        z.strictObject({
          zone: zone.describe("Zone of the region."),
          subnetCidr: cidr.describe(
            "Range of the subnet, inside the VPC's, /16 to /24. No other subnet of the VPC may share addresses with it.",
          ),
        }),
      )
      .min(1)
      .describe(
        "Zones the cluster uses, one subnet each. New ones go last: the first is the default of every member.",
      ),
    layer2: z
      .boolean()
      .default(false)
      .describe(
        "The user's word that frames between these hosts are forwarded by their MAC, and sources not checked, as by a switch in a data centre. The network of a cloud forwards by address: leave it false there.",
      ),
    nat: z.boolean().optional().meta({
      description:
        "Whether a NAT gateway of the cluster's own leads hosts and pods out of the VPC, with an address that all of them are seen by. Without one only the bastion has a way out, unless there is another one that the cluster does not make. Not in an existing VPC, whose routes are not the cluster's. Costs by the hour and by traffic.",
      defaultText: "true with `sources.kind: upstream` in a VPC of its own, else false",
    }),
    podCidr: cidr
      .default("10.244.0.0/16")
      .describe("Range pods get their addresses from; each node takes a /24 of it."),
    serviceCidr: cidr
      .default("10.96.0.0/16")
      .describe("Range of Service addresses; the first is the API's, the tenth the DNS server's."),
    clusterDomain: dnsName.default("cluster.local").describe("DNS domain inside the cluster."),
    apiName: dnsName.optional().meta({
      description: "The one name of the API, in the certificates and in /etc/hosts of every host.",
      defaultText: "`api.<cluster>.internal`",
    }),
    podLinkLocalCidrs: z
      .array(cidr)
      .default([])
      .describe(
        "Link-local ranges that pods may reach: the platform serves names, packages and buckets there. The metadata of the host, with its user data and the credentials of its role, is kept from them in any case.",
      ),
    nodePortCidrs: z
      .array(cidr)
      .default([])
      .describe("Ranges, besides the nodes themselves, that may reach NodePort Services."),
  })
  .describe("The VPC, its subnets, and the ranges and names inside the cluster.");

/** The network as configured. */
export type NetworkConfig = z.output<typeof network>;
