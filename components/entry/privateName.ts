import * as pulumi from "@pulumi/pulumi";
import * as tencentcloud from "@pulumi/tencentcloud";

/** Arguments of {@link PrivateName}. */
export interface PrivateNameArgs {
  /** `api.prod.internal`. */
  name: string;
  /** What it stands for. */
  address: pulumi.Input<string>;
  /** Where it is known: a VPC, by id, and its region. */
  vpcId: pulumi.Input<string>;
  region: string;
  tags: Record<string, string>;
}

/** Seconds that resolvers keep the answer, the shortest there is: with another kind of entry the name stands for another address. */
const ttl = 60;

/**
 * One name in the private DNS of a VPC, for whoever has no line in /etc/hosts: pods, and hosts of others. A zone of its own, so that it hides no
 * name of a zone above it that somebody else keeps.
 */
export class PrivateName extends pulumi.ComponentResource {
  constructor(name: string, args: PrivateNameArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kubernetes-ha:entry:PrivateName", name, { name: args.name }, opts);
    const zone = new tencentcloud.PrivateDnsZone(
      name,
      {
        domain: args.name,
        vpcSets: [{ uniqVpcId: args.vpcId, region: args.region }],
        tags: args.tags,
      },
      // An account has a domain once.
      { parent: this, deleteBeforeReplace: true },
    );
    new tencentcloud.PrivateDnsRecord(
      name,
      {
        zoneId: zone.id,
        subDomain: "@",
        recordType: "A",
        recordValue: args.address,
        ttl,
      },
      { parent: this, deleteBeforeReplace: true },
    );
    this.registerOutputs({});
  }
}
