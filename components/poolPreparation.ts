import * as pulumi from "@pulumi/pulumi";
import type { ClusterPki } from "./pki/clusterPki";
import type { ClusterPlan, HostPlan } from "./plan/cluster";
import { componentTokens } from "./plan/tokens";
import { ownPreparation, type Preparation, sharedPreparation } from "./preparation";
import { digest, scriptArchive } from "./remote/scriptArchive";

/** Arguments of {@link PoolPreparation}. */
export interface PoolPreparationArgs {
  plan: ClusterPlan;
  /** Any host of the pool. */
  host: HostPlan;
  pki: ClusterPki;
}

/**
 * What all hosts of a pool are prepared with: packages, binaries, images, files. Stands here once, to be reviewed once, and goes to the hosts inside the
 * archive of scripts, with the certificate of the cluster's CA; their steps name it by its hash.
 */
export class PoolPreparation extends pulumi.ComponentResource {
  /** Of what is shared. */
  private readonly hash: string;
  /** Archive for the hosts of the pool, on this machine. */
  readonly archive: pulumi.Output<string>;
  private readonly plan: ClusterPlan;
  private readonly shared: Preparation;

  constructor(name: string, args: PoolPreparationArgs, opts?: pulumi.ComponentResourceOptions) {
    const { plan, host, pki } = args;
    const shared = sharedPreparation(plan, host);
    const { role, pool } = host;
    const content = JSON.stringify(shared);
    const hash = digest([content]);
    super(componentTokens.poolPreparation, name, { role, pool, hash, ...shared }, opts);
    this.plan = plan;
    this.shared = shared;
    this.hash = hash;
    this.archive = pki.authorityCertificate.apply((ca) =>
      scriptArchive({ "shared.json": content, "ca.crt": ca }),
    );
    // Once more, as rules for the whole stack are shown only what a component gives.
    this.registerOutputs({ hash, ...shared });
  }

  /** Arguments of a step that prepares a host of the pool: what is its own, and the hash of the rest. */
  step(host: HostPlan): Preparation & { shared: string } {
    return { shared: this.hash, ...ownPreparation(this.plan, host, this.shared) };
  }
}
