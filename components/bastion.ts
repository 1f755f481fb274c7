import * as pulumi from "@pulumi/pulumi";
import * as tencentcloud from "@pulumi/tencentcloud";
import { type BastionEnd, createInstance, type HostContext } from "./host";
import type { HostPlan } from "./plan/cluster";

/** Arguments of {@link Bastion}. */
export interface BastionArgs {
  plan: HostPlan;
  context: HostContext;
  /** Most the address may send, in Mbit/s. @default 10 */
  bandwidthMbps?: number;
}

/**
 * The one host with an address outside, through which all others are reached. Costs: a small CVM, an EIP that is free while
 * it is bound, and the traffic it sends.
 */
export class Bastion extends pulumi.ComponentResource {
  readonly instance: tencentcloud.Instance;
  /** Address the operator logs in at. */
  readonly publicAddress: pulumi.Output<string>;
  /** How other hosts are reached through it. */
  readonly bastionEnd: BastionEnd;

  constructor(name: string, args: BastionArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kubernetes-ha:index:Bastion", name, { plan: args.plan }, opts);
    const { plan, context } = args;
    this.instance = createInstance(plan, context, this);
    const eip = new tencentcloud.Eip(
      name,
      {
        name: plan.name,
        internetChargeType: "TRAFFIC_POSTPAID_BY_HOUR",
        internetMaxBandwidthOut: args.bandwidthMbps ?? 10,
        tags: plan.tags,
      },
      { parent: this },
    );
    const association = new tencentcloud.EipAssociation(
      name,
      { eipId: eip.id, instanceId: this.instance.id },
      { parent: this },
    );
    this.publicAddress = eip.publicIp;
    this.bastionEnd = {
      end: {
        address: this.publicAddress,
        user: context.user,
        hostKey: context.pki.hostKey(plan.name).publicKey,
      },
      ready: [association],
    };
    this.registerOutputs({ publicAddress: this.publicAddress });
  }
}
