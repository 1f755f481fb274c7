import type { types } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import * as tencentcloud from "@pulumi/tencentcloud";
import { createInstance, type Instance } from "./instance";
import type { Network } from "./network";
import type { ClusterPki } from "./pki/clusterPki";
import type { PlacementGroups } from "./placement";
import type { DataDiskPlan, HostPlan } from "./plan/cluster";
import type { Duty } from "./plan/roles";
import type { Drain } from "./plan/schema/departure";
import type { PoolPreparation } from "./poolPreparation";
import { isKept } from "./plan/roles";
import { type PreparedDisk, type PreparedHost, prepareStep } from "./prepareStep";
import { connection, type SshEnd } from "./remote/connection";
import { Departure } from "./remote/departure";
import type { RemoteStep } from "./remote/remoteStep";
import { copyScripts } from "./remote/stepHost";

/** What all hosts of a cluster are made with. */
export interface HostContext {
  network: Network;
  placement: PlacementGroups;
  pki: ClusterPki;
  /** Key pair of the operator, by id: keeps the platform from inventing a password. */
  keyPairId: pulumi.Input<string>;
  /** Whether system disks are encrypted. */
  encryptSystemDisks: boolean;
  /** Login user. */
  user: string;
  /** Tries steps again whose connection broke. */
  retry: pulumi.ErrorHook;
  /** How pods leave a node that goes. */
  drain: Drain;
  /** Roles of CAM that hosts have, by what they do. @default none */
  roles?: Readonly<Partial<Record<Duty, pulumi.Input<string>>>>;
}

/** The bastion, as others come through it. */
export interface BastionEnd {
  end: SshEnd;
  /** What has to be there for the bastion to be reached. */
  ready: pulumi.Resource[];
  /** How it is reached itself. */
  connection: pulumi.Output<types.input.remote.ConnectionArgs>;
}

/** Arguments of {@link Host}. */
export interface HostArgs {
  plan: HostPlan;
  context: HostContext;
  /** How the host is reached. */
  bastion: BastionEnd;
  /** What it is prepared with, as all hosts of its pool. */
  preparation: PoolPreparation;
}

/** A host of the cluster: the CVM, its data disk if it has one, what its leaving takes, and the scripts that its steps run from. */
export class Host extends pulumi.ComponentResource implements PreparedHost {
  readonly plan: HostPlan;
  readonly instance: Instance;
  readonly connection: pulumi.Output<types.input.remote.ConnectionArgs>;
  readonly scripts: pulumi.Resource;
  readonly retry: pulumi.ErrorHook;
  readonly preparation: PoolPreparation;
  readonly disk: PreparedDisk | undefined;
  private prepared: RemoteStep | undefined;

  constructor(name: string, args: HostArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kubernetes-ha:index:Host", name, { plan: args.plan }, opts);
    const { plan, context, bastion, preparation } = args;
    this.plan = plan;
    this.preparation = preparation;
    this.retry = context.retry;
    this.instance = createInstance(plan, context, this);
    if (plan.dataDisk !== undefined) this.disk = this.createDataDisk(plan.dataDisk);
    const { pki } = context;
    this.connection = connection(
      {
        address: plan.address,
        user: context.user,
        hostKey: pki.hostKey(plan.name).publicKey,
      },
      pki.operatorKey,
      bastion.end,
    );
    this.scripts = copyScripts(name, this, preparation.archive, {
      parent: this,
      // From here on there is something to take back, and whoever takes it back is there before.
      dependsOn: [...bastion.ready, ...this.createDeparture(context, bastion)],
    });
    this.registerOutputs({ instanceId: this.instance.id, address: plan.address });
  }

  /** The step that makes the host ready for its duties, and ends when it is fit for them. One step, however many ask for it. */
  prepare(): RemoteStep {
    return (this.prepared ??= prepareStep(this));
  }

  private createDeparture(context: HostContext, bastion: BastionEnd): Departure[] {
    const { plan, instance, disk } = this;
    if (!Departure.isNeeded(plan)) return [];
    const { pki, network, drain, retry } = context;
    const departure = new Departure(
      `${plan.name}-departure`,
      {
        ...{ plan, instance, drain, retry, network: network.last, bastion: bastion.connection },
        // Derived from a secret, but public by nature.
        hostKey: pulumi.unsecret(pki.hostKey(plan.name).publicKey),
        key: pki.departureKey,
      },
      // A member keeps its disk until it is out.
      { parent: this, ...(disk === undefined ? {} : { dependsOn: disk.attachment }) },
    );
    return [departure];
  }

  /** Apart from the CVM, so that a machine can be replaced and its data stay. */
  private createDataDisk({ name, type, sizeGiB, encrypt, mountPoint }: DataDiskPlan): PreparedDisk {
    const disk = new tencentcloud.CbsStorage(
      name,
      {
        storageName: name,
        storageType: type,
        storageSize: sizeGiB,
        availabilityZone: this.plan.zone,
        // Not said is not encrypted, as disks are that were made before it could be said.
        ...(encrypt === true ? { encrypt } : {}),
        tags: this.plan.tags,
      },
      { parent: this, ...(isKept(this.plan) ? { protect: true } : {}) },
    );
    const attachment = new tencentcloud.CbsStorageAttachment(
      name,
      { storageId: disk.id, instanceId: this.instance.id },
      // A disk is on one machine at a time.
      { parent: this, deleteBeforeReplace: true },
    );
    return { id: disk.id, attachment, mountPoint };
  }
}
