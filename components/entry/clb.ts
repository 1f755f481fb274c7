import * as pulumi from "@pulumi/pulumi";
import * as tencentcloud from "@pulumi/tencentcloud";
import type { Host } from "../host";
import type { ClbPlan } from "../plan/entry";
import { regionOf } from "../plan/names";
import { componentTokens } from "../plan/tokens";
import { nameParams } from "../preparation";
import { listenerExtras, targetGroupExtras } from "../provider";
import { RemoteStep } from "../remote/remoteStep";
import { paths, renderApiRedirect, renderApiRedirectUnit, renderLocalEndpoint } from "../render";
import type { ApiEntry, EntryArgs } from "./apiEntry";
import { haproxyFiles } from "./haproxyFiles";
import { PrivateName } from "./privateName";

/** Arguments of {@link ClbEntry}; it has no hosts of its own. */
export type ClbEntryArgs = EntryArgs<ClbPlan>;

/** Seconds one master may take; it waits for no apiserver. */
const seconds = 300;

/**
 * API entry of kind `clb`: an internal load balancer of the cloud with one TCP listener, the masters behind it in a target group, the API's name in
 * private DNS, and on every master HAProxy, which answers the probes and leads the master's own connections to its own apiserver.
 *
 * Targets are members of a group, a resource each: the provider's attachment of a listener is all of its targets, so that no master could come or go
 * alone, and several attachments of one listener take one another's targets out.
 */
export class ClbEntry extends pulumi.ComponentResource implements ApiEntry {
  readonly url: string;
  readonly endpoint: string;
  readonly address: pulumi.Output<string>;
  readonly ready: pulumi.Resource[];
  private readonly plan: ClbPlan;
  private readonly group: tencentcloud.ClbTargetGroup;
  private readonly led: pulumi.Resource;
  private readonly ways: ReadonlyMap<string, RemoteStep>;

  constructor(name: string, args: ClbEntryArgs, opts?: pulumi.ComponentResourceOptions) {
    const { plan, cluster, network, masters } = args;
    super(componentTokens.clbEntry, name, { entry: addressing(plan) }, opts);
    this.plan = plan;
    this.endpoint = plan.endpoint;
    this.url = `https://${plan.endpoint}`;
    const inside = { parent: this };
    this.group = new tencentcloud.ClbTargetGroup(
      name,
      {
        targetGroupName: plan.targetGroupName,
        vpcId: network.vpcId,
        port: cluster.apiserverPort,
        ...targetGroupExtras(cluster.tags),
      },
      { ...inside, deleteBeforeReplace: true },
    );
    const balancer = new tencentcloud.ClbInstance(
      name,
      {
        networkType: "INTERNAL",
        clbName: plan.loadBalancerName,
        vpcId: network.vpcId,
        subnetId: network.subnet(plan.zone).id,
        vip: plan.vip,
        tags: cluster.tags,
      },
      // An account has a name, and a subnet an address, once. It goes before the group, which nobody leads to then. Not protected, as a HAVIP is not.
      { ...inside, deleteBeforeReplace: true, dependsOn: this.group },
    );
    this.address = balancer.vip;
    const listener = new tencentcloud.ClbListener(name, listenerArgs(plan, balancer), {
      ...inside,
      // One listener has a port.
      deleteBeforeReplace: true,
      // Taken off one by one they keep the load balancer at work, which then refuses the next end; the provider does not ask again.
      deletedWith: balancer,
    });
    this.led = new tencentcloud.ClbTargetGroupAttachment(
      name,
      { clbId: balancer.id, listenerId: listener.listenerId, targetGroupId: this.group.id },
      { ...inside, deleteBeforeReplace: true, deletedWith: balancer },
    );
    const known = new PrivateName(
      name,
      {
        ...{ name: plan.apiName, address: this.address, tags: cluster.tags },
        ...{ vpcId: network.vpcId, region: regionOf(plan.zone) },
      },
      inside,
    );
    this.ways = new Map(masters.map((host) => [host.plan.name, this.createWay(host, args)]));
    this.ready = [this.led, known];
    this.registerOutputs({ endpoint: this.endpoint, address: this.address });
  }

  before(master: Host): pulumi.Resource[] {
    const way = this.ways.get(master.plan.name);
    return way === undefined ? [] : [way];
  }

  admit(master: Host, ready: pulumi.Resource): void {
    new tencentcloud.ClbTargetGroupInstanceAttachment(
      master.plan.name,
      {
        targetGroupId: this.group.id,
        // Of the instance, not of the plan: whoever replaces the machine takes it out first.
        bindIp: master.instance.privateIp,
        port: this.plan.masters[0]?.port ?? this.plan.port,
        weight: 10,
      },
      {
        parent: this,
        deleteBeforeReplace: true,
        dependsOn: [ready, this.led],
      },
    );
  }

  /** A master's own way to its apiserver; it does not need that to be there. */
  private createWay(host: Host, { plan, cluster, pki }: ClbEntryArgs): RemoteStep {
    const { name, address } = host.plan;
    const watched = cluster.monitoring !== undefined;
    const configuration = renderLocalEndpoint(plan, host.plan, { watched });
    const { files, secretFiles } = haproxyFiles(configuration, pki);
    return new RemoteStep(
      `${name}-local-endpoint`,
      {
        host,
        step: "local-endpoint",
        seconds,
        params: {
          VIP: plan.vip,
          API_PORT: plan.port,
          READINESS_URL: `http://${address}:${plan.readinessPort}/readyz`,
          ...nameParams(cluster, host.plan),
        },
        files: [
          ...files,
          { path: paths.apiRedirect, content: renderApiRedirect(plan, host.plan) },
          { path: paths.apiRedirectUnit, content: renderApiRedirectUnit() },
        ],
        secretFiles,
      },
      { parent: this, dependsOn: host.prepare() },
    );
  }
}

function listenerArgs(
  { apiName, port, loadBalancerName, healthCheck, readinessPort }: ClbPlan,
  balancer: tencentcloud.ClbInstance,
): tencentcloud.ClbListenerArgs {
  return {
    clbId: balancer.id,
    listenerName: loadBalancerName,
    protocol: "TCP",
    port,
    targetType: "TARGETGROUP",
    // Watches last for hours: a master that comes back gets new connections until it has its share.
    scheduler: "LEAST_CONN",
    healthCheckSwitch: true,
    // A CLB cannot ask over TLS, and an open port says nothing of an apiserver that boots, stops or hangs.
    healthCheckType: "HTTP",
    healthCheckPort: readinessPort,
    healthCheckHttpVersion: "HTTP/1.1",
    healthCheckHttpMethod: "GET",
    healthCheckHttpDomain: apiName,
    healthCheckHttpPath: "/readyz",
    // 2xx.
    healthCheckHttpCode: 2,
    healthCheckIntervalTime: healthCheck.interval,
    healthCheckTimeOut: healthCheck.timeout,
    healthCheckUnhealthNum: healthCheck.failures,
    healthCheckHealthNum: healthCheck.successes,
    // From 100.64.0.0/10, which security groups let pass.
    healthSourceIpType: 1,
    ...listenerExtras(),
  };
}

/** What of the plan is registered: where the entry is, not who is behind it. */
function addressing(plan: ClbPlan) {
  const { kind, apiName, endpoint, port, vip, zone, loadBalancerName, targetGroupName } = plan;
  return { kind, apiName, endpoint, port, vip, zone, loadBalancerName, targetGroupName };
}
