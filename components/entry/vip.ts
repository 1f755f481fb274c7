import * as pulumi from "@pulumi/pulumi";
import type * as tencentcloud from "@pulumi/tencentcloud";
import type { Host } from "../host";
import type { VipPlan } from "../plan/entry";
import { componentTokens } from "../plan/tokens";
import { RemoteStep } from "../remote/remoteStep";
import { paths, renderHaproxy, renderKeepalived, renderKeepalivedDropIn } from "../render";
import type { ApiEntry, EntryArgs } from "./apiEntry";
import { haproxyFiles } from "./haproxyFiles";
import { createHaVip, letTake } from "./haVip";

/** Arguments of {@link VipEntry}; the hosts are the balancers, or the masters. */
export type VipEntryArgs = EntryArgs<VipPlan>;

/** Seconds one balancer may take; it waits for no master. */
const seconds = 300;

/**
 * API entry of kind `vip`: a HAVIP that keepalived holds on one of the balancers, HAProxy on all of them passing TCP to the
 * masters that answer /readyz. Needs no master to be up, so it is made beside everything else; on a master it is there before that
 * becomes one, as its kube-proxy finds the API there.
 */
export class VipEntry extends pulumi.ComponentResource implements ApiEntry {
  readonly url: string;
  readonly endpoint: string;
  readonly address: pulumi.Output<string>;
  readonly ready: pulumi.Resource[];
  private readonly balancers: ReadonlyMap<Host, RemoteStep>;

  constructor(name: string, args: VipEntryArgs, opts?: pulumi.ComponentResourceOptions) {
    const { plan, network, hosts } = args;
    super(componentTokens.vipEntry, name, { entry: addressing(plan) }, opts);
    this.endpoint = plan.endpoint;
    this.url = `https://${plan.endpoint}`;
    const vip = createHaVip(name, { network, ...plan }, this);
    this.address = vip.vip;
    this.balancers = new Map(hosts.map((host) => [host, this.createBalancer(host, args, vip)]));
    this.ready = [...this.balancers.values()];
    this.registerOutputs({ endpoint: this.endpoint, address: this.address });
  }

  /** A master that carries the entry finds the API there, so HAProxy is there first. */
  before(master: Host): pulumi.Resource[] {
    const balancer = this.balancers.get(master);
    return balancer === undefined ? [] : [balancer];
  }

  private createBalancer(
    host: Host,
    { plan, cluster, pki }: VipEntryArgs,
    vip: tencentcloud.HaVip,
  ): RemoteStep {
    const metricsAddress = cluster.monitoring && host.plan.address;
    const configuration = renderHaproxy({ ...plan, metricsAddress });
    const { files, secretFiles } = haproxyFiles(configuration, pki, plan.extraFrontends);
    return new RemoteStep(
      `${host.plan.name}-balancer`,
      {
        host,
        step: "balancer",
        seconds,
        params: { VIP: plan.vip, API_PORT: plan.port },
        files: [
          ...files,
          { path: paths.keepalivedConfig, content: renderKeepalived(plan, host.plan) },
          { path: paths.keepalivedDropIn, content: renderKeepalivedDropIn() },
        ],
        secretFiles,
      },
      { parent: this, dependsOn: [host.prepare(), letTake(vip, host, this)] },
    );
  }
}

/** What of the plan is registered: where the entry is, not who is behind it. */
function addressing(plan: VipPlan) {
  const { kind, on, apiName, endpoint, port, vip, vipName, zone, subnetCidr, virtualRouterId } =
    plan;
  return { kind, on, apiName, endpoint, port, vip, vipName, zone, subnetCidr, virtualRouterId };
}
