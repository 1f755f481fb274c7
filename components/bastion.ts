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
 * The one host with an address outside, through which all others are reached, and from which people work: it knows the API by
 * its name. Costs: a small CVM, an EIP that is free while it is bound, and the traffic it sends.
 */
export class Bastion extends pulumi.ComponentResource implements PreparedHost {
  readonly plan: HostPlan;
  readonly instance: Instance;
  /** Address the operator logs in at. */
  readonly publicAddress: pulumi.Output<string>;
  /** How other hosts are reached through it. */
  readonly bastionEnd: BastionEnd;
  readonly connection: pulumi.Output<types.input.remote.ConnectionArgs>;
  readonly scripts: pulumi.Resource;
  readonly retry: pulumi.ErrorHook;
  readonly preparation: PoolPreparation;

  constructor(name: string, args: BastionArgs, opts?: pulumi.ComponentResourceOptions) {
    const { context } = args;
    const plan = args.plan.bastion;
    super("kubernetes-ha:index:Bastion", name, { plan }, opts);
    this.plan = plan;
    this.retry = context.retry;
    this.instance = createInstance(plan, context, this);
    const { pki, user, network } = context;
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
      // An address is bound to one machine at a time. Once it is, the way to all hosts is there: nothing gets through before the security groups have
      // their rules, and nothing is fetched before there is a way out.
      { parent: this, deleteBeforeReplace: true, dependsOn: network.ready },
    );
    this.publicAddress = eip.publicIp;

    const end: SshEnd = {
      address: this.publicAddress,
      user,
      hostKey: pki.hostKey(plan.name).publicKey,
    };
    this.connection = connection(end, pki.operatorKey);
    this.bastionEnd = { end, ready: [association], connection: this.connection };
    this.preparation = new PoolPreparation(
      `${name}-preparation`,
      { plan: args.plan, host: plan, pki },
      { parent: this },
    );
    this.scripts = copyScripts(name, this, this.preparation.archive, {
      parent: this,
      dependsOn: association,
    });
    prepareStep(this, [departurePeers(args.plan, pki)]);
    this.registerOutputs({ publicAddress: this.publicAddress });
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
