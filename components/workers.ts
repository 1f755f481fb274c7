import * as pulumi from "@pulumi/pulumi";
import { workersAtOnce } from "./atOnce";
import type { ApiEntry } from "./entry/apiEntry";
import type { Host } from "./host";
import type { ClusterPki } from "./pki/clusterPki";
import type { ClusterPlan } from "./plan/cluster";
import type { RegistryLogins } from "./plan/registryLogins";
import { registryLoginsFile } from "./registryLogins";
import { paths } from "./render";
import { afterDisk, prepareArgs, prepareSeconds } from "./prepareStep";
import { type PlacedFile, RemoteStep } from "./remote/remoteStep";

/** Arguments of {@link Workers}. */
export interface WorkersArgs {
  plan: ClusterPlan;
  /** Hosts of all pools. */
  hosts: Host[];
  pki: ClusterPki;
  /** The way to the API. */
  entry: ApiEntry;
  /** Logins to container registries. @default none */
  registryLogins?: pulumi.Input<RegistryLogins> | undefined;
}

/** Seconds one worker may take beyond being prepared; most of it waiting, for the first apiserver or for those of its pool that go to another release before it. */
const seconds = prepareSeconds + 10_800;

/**
 * The workers of all pools. One step prepares a host and has it join as soon as the API answers through the entry, with a certificate made for
 * its machine alone; no other host is touched, and no step of another is waited for but where the engine carries out too little at once
 * ({@link workersAtOnce}).
 */
export class Workers extends pulumi.ComponentResource {
  /** One step a worker; each ends when its node is Ready. */
  readonly nodes: RemoteStep[];

  constructor(name: string, args: WorkersArgs, opts?: pulumi.ComponentResourceOptions) {
    const { plan, hosts } = args;
    super("kubernetes-ha:index:Workers", name, { endpoint: plan.entry.endpoint }, opts);
    // The same for all, so it is read once.
    const logins = registryLoginsFile(plan, args.registryLogins);
    const atOnce = workersAtOnce(plan);
    this.nodes = [];
    for (const host of hosts) {
      const before = this.nodes.at(-atOnce);
      this.nodes.push(this.createWorker(host, args.pki, logins, before));
    }
    this.registerOutputs({ nodes: hosts.map((host) => host.plan.name) });
  }

  /** @param before Step of the worker that has to be through before; none = nobody's. */
  private createWorker(
    host: Host,
    pki: ClusterPki,
    logins: PlacedFile,
    before: RemoteStep | undefined,
  ): RemoteStep {
    const { name } = host.plan;
    const certificate = pki.bootstrapCertificate(name, host.instance);
    return new RemoteStep(
      `${name}-worker`,
      {
        host,
        step: "worker",
        seconds,
        ...prepareArgs(host),
        secretFiles: [
          {
            path: paths.bootstrapClient,
            content: certificate.apply(({ crt, key }) => crt + key),
          },
          logins,
        ],
      },
      // Not on etcd and the masters: the step prepares its host meanwhile, then waits for the API itself.
      { parent: this, dependsOn: [...afterDisk(host), ...(before === undefined ? [] : [before])] },
    );
  }
}
