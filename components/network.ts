import * as pulumi from "@pulumi/pulumi";
import * as tencentcloud from "@pulumi/tencentcloud";
import type { NetworkPlan, SecurityGroupPlan, SecurityRule } from "./plan/cluster";
import type { SubnetPlan } from "./plan/model";
import { type Role, roles } from "./plan/roles";
import { componentTokens } from "./plan/tokens";

/** Arguments of {@link Network}. */
export interface NetworkArgs {
  /** VPC, subnets and the way out. */
  plan: NetworkPlan;
  /** Security group of every role. */
  securityGroups: SecurityGroupPlan[];
  /** Tags for everything. */
  tags: Record<string, string>;
}

/** Most that the address of a NAT gateway may send, in Mbit/s, and so may take: as much as one that is paid by traffic gets. */
const natBandwidthMbps = 100;

/** A subnet of the cluster's, or one that is somebody else's. */
export type ClusterSubnet = Pick<tencentcloud.Subnet, "id">;

/**
 * The VPC, unless it is somebody else's, a subnet in every zone that has none, a security group for every role with exactly the planned flows, and a NAT gateway where there is one. VPC and subnets are
 * protected: with another range every host would move to another network while it runs.
 */
export class Network extends pulumi.ComponentResource {
  readonly vpcId: pulumi.Output<string>;
  /** By zone. */
  readonly subnets: ReadonlyMap<string, ClusterSubnet>;
  /** By role. */
  readonly securityGroups: ReadonlyMap<Role, tencentcloud.SecurityGroup>;
  /** The groups' rules, and the way out: a host is of no use before they are there. */
  readonly ready: pulumi.Resource[];
  /** Goes only when everything goes. */
  readonly last: pulumi.Resource;

  constructor(name: string, args: NetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super(componentTokens.network, name, args, opts);
    const { plan, tags } = args;

    const vpc = plan.vpcId === undefined ? this.createVpc(name, plan, tags) : undefined;
    this.vpcId = vpc?.id ?? pulumi.output(plan.vpcId ?? "");
    const own: tencentcloud.Subnet[] = [];
    const subnetOf = (subnet: SubnetPlan): ClusterSubnet => {
      if (subnet.id !== undefined) return { id: pulumi.output(subnet.id) };
      const made = this.createSubnet(name, subnet, tags);
      own.push(made);
      return made;
    };
    this.subnets = new Map(plan.subnets.map((subnet) => [subnet.zone, subnetOf(subnet)]));
    this.securityGroups = new Map(
      args.securityGroups.map((group) => [group.role, this.createGroup(name, group)]),
    );
    this.last = vpc ?? this.securityGroup("bastion");
    this.ready = [
      ...args.securityGroups.map((group) => this.createRules(name, group)),
      ...(plan.nat === undefined ? [] : [this.createWayOut(name, plan.nat, own, tags)]),
    ];
    this.registerOutputs({
      vpcId: this.vpcId,
      subnetIds: Object.fromEntries([...this.subnets].map(([zone, { id }]) => [zone, id])),
    });
  }

  /** Subnet of a zone. @throws when the zone has none. */
  subnet(zone: string): ClusterSubnet {
    const subnet = this.subnets.get(zone);
    if (subnet === undefined) {
      throw new Error(
        `zone ${zone} has no subnet; there are ${[...this.subnets.keys()].join(", ")}`,
      );
    }
    return subnet;
  }

  /** Security group of a role. @throws when the role has none. */
  securityGroup(role: Role): tencentcloud.SecurityGroup {
    const group = this.securityGroups.get(role);
    if (group === undefined) {
      throw new Error(`role ${role} has no security group; roles are ${roles.join(", ")}`);
    }
    return group;
  }

  private createVpc(
    name: string,
    plan: NetworkPlan,
    tags: Record<string, string>,
  ): tencentcloud.Vpc {
    return new tencentcloud.Vpc(
      name,
      { name: plan.name, cidrBlock: plan.vpcCidr, isMulticast: false, tags },
      { parent: this, protect: true },
    );
  }

  private createSubnet(
    name: string,
    subnet: SubnetPlan,
    tags: Record<string, string>,
  ): tencentcloud.Subnet {
    return new tencentcloud.Subnet(
      `${name}-${subnet.zone}`,
      {
        name: subnet.name,
        vpcId: this.vpcId,
        availabilityZone: subnet.zone,
        cidrBlock: subnet.cidr,
        isMulticast: false,
        tags,
      },
      { parent: this, protect: true },
    );
  }

  /**
   * A NAT gateway, and the route to it in the table that all subnets have. A host with an address of its own, as the bastion has, answers by that all the
   * same.
   */
  private createWayOut(
    name: string,
    natName: string,
    [subnet]: readonly tencentcloud.Subnet[],
    tags: Record<string, string>,
  ): tencentcloud.RouteTableEntry {
    if (subnet === undefined) throw new Error(`${natName}: no subnet is the cluster's own`);
    const eip = new tencentcloud.Eip(
      `${name}-nat`,
      {
        name: natName,
        internetChargeType: "TRAFFIC_POSTPAID_BY_HOUR",
        internetMaxBandwidthOut: natBandwidthMbps,
        tags,
      },
      { parent: this },
    );
    const gateway = new tencentcloud.NatGateway(
      `${name}-nat`,
      { name: natName, vpcId: this.vpcId, assignedEipSets: [eip.publicIp], tags },
      // It takes its address along.
      { parent: this, deleteBeforeReplace: true },
    );
    return new tencentcloud.RouteTableEntry(
      `${name}-nat`,
      {
        // Not the VPC's: the provider leaves that empty for ever where its question for it failed.
        routeTableId: subnet.routeTableId,
        destinationCidrBlock: "0.0.0.0/0",
        nextType: "NAT",
        nextHub: gateway.id,
        description: "hosts and pods out of the VPC",
      },
      // A table has one route to a destination.
      { parent: this, deleteBeforeReplace: true },
    );
  }

  private createGroup(name: string, plan: SecurityGroupPlan): tencentcloud.SecurityGroup {
    return new tencentcloud.SecurityGroup(
      `${name}-${plan.role}`,
      { name: plan.name, description: `${plan.role} hosts of ${name}`, tags: plan.tags },
      { parent: this },
    );
  }

  private createRules(name: string, plan: SecurityGroupPlan): tencentcloud.SecurityGroupRuleSet {
    const rule = ({ action, protocol, port, description, role, cidr }: SecurityRule) => ({
      action,
      protocol,
      port,
      description,
      ...(role === undefined
        ? { cidrBlock: cidr }
        : { sourceSecurityId: this.securityGroup(role).id }),
    });
    return new tencentcloud.SecurityGroupRuleSet(
      `${name}-${plan.role}`,
      {
        securityGroupId: this.securityGroup(plan.role).id,
        ingresses: plan.ingress.map(rule),
        egresses: plan.egress.map(rule),
      },
      // It is the whole set of its group: one that is deleted after its successor was made takes the successor's rules along.
      { parent: this, deleteBeforeReplace: true },
    );
  }
}
