import * as pulumi from "@pulumi/pulumi";
import type * as tencentcloud from "@pulumi/tencentcloud";
import type { Host } from "../host";
import type { LvsPlan } from "../plan/entry";
import { ports } from "../plan/ports";
import { componentTokens } from "../plan/tokens";
import { type PlacedFile, RemoteStep } from "../remote/remoteStep";
import {
  masqueradeUnit,
  paths,
  renderDirector,
  renderHaproxy,
  renderKeepalivedDropIn,
  renderMasquerade,
  renderMasqueradeUnit,
} from "../render";
import type { ApiEntry, EntryArgs } from "./apiEntry";
import { haproxyFiles } from "./haproxyFiles";
import { createHaVip, letTake } from "./haVip";

/** Arguments of {@link LvsEntry}; the hosts are the directors, and the balancers if there are any. */
export type LvsEntryArgs = EntryArgs<LvsPlan>;

/** Seconds one host may take; it waits for no master. */
const seconds = 300;

/**
 * API entry of kind `lvs`: a virtual address that keepalived holds on one of the directors, LVS on all of them sending connections on to HAProxy on
 * the balancers, or straight to the masters. Needs no master to be up, so it is made beside everything else.
 */
export class LvsEntry extends pulumi.ComponentResource implements ApiEntry {
  readonly url: string;
  readonly endpoint: string;
  readonly address: pulumi.Output<string>;
  readonly ready: pulumi.Resource[];

  constructor(name: string, args: LvsEntryArgs, opts?: pulumi.ComponentResourceOptions) {
    const { plan, network, hosts } = args;
    super(componentTokens.lvsEntry, name, { entry: addressing(plan) }, opts);
    const { endpoint, vipName } = plan;
    this.endpoint = endpoint;
    this.url = `https://${endpoint}`;
    const haVip =
      vipName === undefined ? undefined : createHaVip(name, { network, ...plan, vipName }, this);
    this.address = haVip?.vip ?? pulumi.output(plan.vip);
    this.ready = hosts.map((host) =>
      host.plan.duties.includes("director")
        ? this.createDirector(host, plan, haVip)
        : this.createBalancer(host, args),
    );
    this.registerOutputs({ endpoint, address: this.address });
  }

  private createDirector(host: Host, plan: LvsPlan, haVip?: tencentcloud.HaVip): RemoteStep {
    const nat = plan.forwarding === "nat";
    const unitFile = `/etc/systemd/system/${masqueradeUnit}`;
    const after = nat ? masqueradeUnit : "systemd-modules-load.service";
    const translation: PlacedFile[] = [
      { path: paths.masquerade, content: renderMasquerade(plan, host.plan) },
      { path: unitFile, content: renderMasqueradeUnit() },
    ];
    return new RemoteStep(
      `${host.plan.name}-director`,
      {
        host,
        step: "director",
        seconds,
        params: {
          VIP: plan.vip,
          SERVICES: nat ? [[masqueradeUnit, paths.masquerade, unitFile].join(" ")] : [],
        },
        files: [
          ...(nat ? translation : []),
          { path: paths.keepalivedConfig, content: renderDirector(plan, host.plan) },
          { path: paths.keepalivedDropIn, content: renderKeepalivedDropIn(after) },
        ],
      },
      {
        parent: this,
        dependsOn: [host.prepare(), ...(haVip ? [letTake(haVip, host, this)] : [])],
      },
    );
  }

  private createBalancer(host: Host, { plan, cluster, pki }: LvsEntryArgs): RemoteStep {
    return new RemoteStep(
      `${host.plan.name}-haproxy`,
      {
        host,
        step: "haproxy",
        seconds,
        ...haproxyFiles(
          renderHaproxy({
            ...{ ...plan, healthPort: ports.proxyHealth },
            metricsAddress: cluster.monitoring && host.plan.address,
          }),
          pki,
          plan.extraFrontends,
        ),
      },
      { parent: this, dependsOn: host.prepare() },
    );
  }
}

/** What of the plan is registered: where the entry is and how it forwards, not who is behind it. */
function addressing(plan: LvsPlan) {
  const { kind, apiName, endpoint, port, vip, vipName, zone, subnetCidr, virtualRouterId } = plan;
  const { forwarding, scheduler } = plan;
  return {
    ...{ kind, apiName, endpoint, port, vip, vipName, zone, subnetCidr, virtualRouterId },
    ...{ forwarding, scheduler },
  };
}
