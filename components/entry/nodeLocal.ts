import * as pulumi from "@pulumi/pulumi";
import type { NodeLocalPlan } from "../plan/entry";
import { componentTokens } from "../plan/tokens";
import type { ApiEntry, EntryArgs } from "./apiEntry";

/** Arguments of {@link NodeLocalEntry}; it has no hosts of its own. */
export type NodeLocalEntryArgs = EntryArgs<NodeLocalPlan>;

/**
 * API entry of kind `nodeLocal`: a proxy on every node and on the bastion, before all masters. Makes nothing itself: the proxies are a part of what
 * their hosts are prepared with (render/nodeProxy.ts), so a node has its way to the API before it asks for it, and another master is taken up where
 * the hosts are. Costs nothing.
 */
export class NodeLocalEntry extends pulumi.ComponentResource implements ApiEntry {
  readonly url: string;
  readonly endpoint: string;
  readonly address: pulumi.Output<string>;
  readonly ready: pulumi.Resource[] = [];

  constructor(name: string, args: NodeLocalEntryArgs, opts?: pulumi.ComponentResourceOptions) {
    const { plan, cluster } = args;
    super(
      componentTokens.nodeLocalEntry,
      name,
      { cluster: cluster.name, entry: addressing(plan) },
      opts,
    );
    this.endpoint = plan.endpoint;
    this.url = `https://${plan.endpoint}`;
    this.address = pulumi.output(plan.address);
    this.registerOutputs({ endpoint: this.endpoint, address: this.address });
  }
}

/** What of the plan is registered: where the entry is, not who is behind it. */
function addressing({ kind, proxy, apiName, endpoint, port, address }: NodeLocalPlan) {
  return { kind, proxy, apiName, endpoint, port, address };
}
