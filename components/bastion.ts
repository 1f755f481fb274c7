import type { types } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import * as tencentcloud from "@pulumi/tencentcloud";
import type { BastionEnd, HostContext } from "./host";
import { createInstance, type Instance } from "./instance";
import type { ClusterPlan, HostPlan } from "./plan/cluster";
import { PoolPreparation } from "./poolPreparation";
import type { ClusterPki } from "./pki/clusterPki";
import { type PreparedHost, prepareStep } from "./prepareStep";
import { paths, renderDeparturePeers } from "./render";
import { connection, type SshEnd } from "./remote/connection";
import type { PlacedFile } from "./remote/remoteStep";
import { copyScripts } from "./remote/stepHost";

/** Arguments of {@link Bastion}. */
export interface BastionArgs {
  plan: ClusterPlan;
  context: HostContext;
  /** Most the address may send, in Mbit/s. @default 10 */
  bandwidthMbps?: number;
}

/**
 * The host through which all others are reached, and from which people work: it knows the API by its name. It is the one with an address outside, unless
 * that is not wanted. Costs: a small CVM, an EIP that is free while it is bound, and the traffic it sends.
 */
export class Bastion extends pulumi.ComponentResource implements PreparedHost {
  readonly plan: HostPlan;
  readonly instance: Instance;
  /** Address the operator logs in at: the one outside, or its private one. */
  readonly address: pulumi.Output<string>;
  /** How other hosts are reached through it. */
  readonly bastionEnd: BastionEnd;
  readonly connection: pulumi.Output<types.input.remote.ConnectionArgs>;
  readonly scripts: pulumi.Resource;
  readonly retry: pulumi.ErrorHook;
  readonly preparation: PoolPreparation;
  /** The step that makes it ready. */
  readonly prepared: pulumi.Resource;

  constructor(name: string, args: BastionArgs, opts?: pulumi.ComponentResourceOptions) {
    const { context } = args;
    const plan = args.plan.bastion;
    super("kubernetes-ha:index:Bastion", name, { plan }, opts);
    this.plan = plan;
    this.retry = context.retry;
    this.instance = createInstance(plan, context, this);
    const { pki, user, network } = context;
    const outside = args.plan.config.bastion.publicAddress
      ? this.createAddress(name, network.ready, args.bandwidthMbps)
      : undefined;
    this.address = outside?.address ?? this.instance.privateIp;
    // What has to be there before anybody comes through: nothing gets through before the security groups have their rules, and nothing is fetched before
    // there is a way out.
    const ready = outside === undefined ? network.ready : [outside.association];

    const end: SshEnd = {
      address: this.address,
      user,
      hostKey: pki.hostKey(plan.name).publicKey,
    };
    this.connection = connection(end, pki.operatorKey);
    this.bastionEnd = { end, ready, connection: this.connection };
    this.preparation = new PoolPreparation(
      `${name}-preparation`,
      { plan: args.plan, host: plan, pki },
      { parent: this },
    );
    this.scripts = copyScripts(name, this, this.preparation.archive, {
      parent: this,
      dependsOn: ready,
    });
    this.prepared = prepareStep(this, [departurePeers(args.plan, pki)]);
    this.registerOutputs({ address: this.address });
  }

  /** An address outside, and its association, which waits for `ready`. */
  private createAddress(name: string, ready: pulumi.Resource[], bandwidthMbps = 10) {
    const { plan, instance } = this;
    const eip = new tencentcloud.Eip(
      name,
      {
        name: plan.name,
        internetChargeType: "TRAFFIC_POSTPAID_BY_HOUR",
        internetMaxBandwidthOut: bandwidthMbps,
        tags: plan.tags,
      },
      { parent: this },
    );
    const association = new tencentcloud.EipAssociation(
      name,
      { eipId: eip.id, instanceId: instance.id },
      // An address is bound to one machine at a time.
      { parent: this, deleteBeforeReplace: true, dependsOn: ready },
    );
    return { address: eip.publicIp, association };
  }
}

/** Whom a host that leaves is taken out by. Workers are not among them, so that adding one is nothing to the bastion. */
function departurePeers({ etcd, masters }: ClusterPlan, pki: ClusterPki): PlacedFile {
  const hosts = [...new Set([...etcd, ...masters])];
  const keys = pulumi.all(hosts.map(({ name }) => pki.hostKey(name).publicKey));
  return {
    path: paths.departurePeers,
    // Derived from a secret, but public by nature.
    content: pulumi.unsecret(
      keys.apply((known) =>
        renderDeparturePeers(hosts.map((host, at) => ({ ...host, hostKey: known[at] ?? "" }))),
      ),
    ),
  };
}
