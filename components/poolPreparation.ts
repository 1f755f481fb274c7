import * as pulumi from "@pulumi/pulumi";
import type { ClusterPki } from "./pki/clusterPki";
import type { ClusterPlan, HostPlan } from "./plan/cluster";
import { acceptedGenerations, formerGenerations, isBegun } from "./plan/rotation";
import { componentTokens } from "./plan/tokens";
import { ownPreparation, type Preparation, sharedPreparation } from "./preparation";
import { digest, scriptArchive } from "./remote/scriptArchive";

/** What hosts are told of the operator's keys; none, where they are still those that hosts are born with. Public, though derived from a secret. */
function operatorKeys(
  { config }: ClusterPlan,
  pki: ClusterPki,
): Record<"OPERATOR_KEYS" | "FORMER_OPERATOR_KEYS", pulumi.Input<string[]>> {
  const rotation = config.pki.rotation.operatorKey;
  const publicKeys = (generations: readonly number[]) =>
    pulumi.unsecret(pulumi.all(generations.map((each) => pki.operatorGeneration(each).publicKey)));
  return isBegun(rotation)
    ? {
        OPERATOR_KEYS: publicKeys(acceptedGenerations(rotation)),
        FORMER_OPERATOR_KEYS: publicKeys(formerGenerations(rotation)),
      }
    : { OPERATOR_KEYS: [], FORMER_OPERATOR_KEYS: [] };
}

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
  private readonly operatorKeys: ReturnType<typeof operatorKeys>;

  constructor(name: string, args: PoolPreparationArgs, opts?: pulumi.ComponentResourceOptions) {
    const { plan, host, pki } = args;
    const shared = sharedPreparation(plan, host);
    const { role, pool } = host;
    const content = JSON.stringify(shared);
    const hash = digest([content]);
    super(componentTokens.poolPreparation, name, { role, pool, hash, ...shared }, opts);
    this.plan = plan;
    this.shared = shared;
    this.operatorKeys = operatorKeys(plan, pki);
    this.hash = hash;
    this.archive = pki.authorityCertificates.apply((ca) =>
      scriptArchive({ "shared.json": content, "ca.crt": ca }),
    );
    // Once more, as rules for the whole stack are shown only what a component gives.
    this.registerOutputs({ hash, ...shared });
  }

  /** Arguments of a step that prepares a host of the pool: what is its own or known later, and the hash of the rest. */
  step(host: HostPlan) {
    const { params, files } = ownPreparation(this.plan, host, this.shared);
    return { shared: this.hash, params: { ...params, ...this.operatorKeys }, files };
  }
}
