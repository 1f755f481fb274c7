import * as pulumi from "@pulumi/pulumi";
import type { ClusterPlan, HostPlan } from "./plan/cluster";
import { ownPreparation, type Preparation, sharedPreparation } from "./preparation";
import { scriptArchive, sha256 } from "./remote/scriptArchive";

/** Arguments of {@link PoolPreparation}. */
export interface PoolPreparationArgs {
  plan: ClusterPlan;
  /** Any host of the pool. */
  host: HostPlan;
}

/**
 * What all hosts of a pool are prepared with: packages, binaries, images, files. Stands here once, to be reviewed once, and goes to the hosts inside the
 * archive of scripts; their steps name it by its hash.
 */
export class PoolPreparation extends pulumi.ComponentResource {
  /** Hash of what is shared. */
  readonly hash: string;
  /** Archive for the hosts of the pool, on this machine. */
  readonly archive: string;
  private readonly plan: ClusterPlan;

  constructor(name: string, args: PoolPreparationArgs, opts?: pulumi.ComponentResourceOptions) {
    const { plan, host } = args;
    const shared = sharedPreparation(plan, host);
    const { role, pool } = host;
    const content = JSON.stringify(shared);
    const hash = sha256(content);
    super("kubernetes-ha:index:PoolPreparation", name, { role, pool, hash, ...shared }, opts);
    this.plan = plan;
    this.hash = hash;
    this.archive = scriptArchive(content);
    // Once more, as rules for the whole stack are shown only what a component gives.
    this.registerOutputs({ hash, ...shared });
  }

  /** What only this host of the pool is prepared with. */
  own(host: HostPlan): Preparation {
    return ownPreparation(this.plan, host);
  }
}
