import * as pulumi from "@pulumi/pulumi";
import type { Host } from "./host";
import type { ClusterPki } from "./pki/clusterPki";
import type { RegistryPlan } from "./plan/cluster";
import { registryPorts } from "./plan/registry";
import { componentTokens } from "./plan/tokens";
import { paths, registryFiles } from "./render";
import { RemoteStep } from "./remote/remoteStep";

/** Arguments of {@link Registry}. */
export interface RegistryArgs {
  plan: RegistryPlan;
  /** Its hosts, in the order of the plan. */
  hosts: Host[];
  pki: ClusterPki;
}

/** A registry, as whoever pulls and pushes needs to know it. */
export interface RegistryOutput {
  /** What names of its images begin with where they are pulled: `registry.prod.internal`. */
  name: string;
  /** The same where they are pushed: `registry.prod.internal:5443`. */
  pushName: string;
  /** Who pushes. */
  username: string;
  /** Secret. */
  password: pulumi.Output<string>;
}

/** Seconds one host may take to start two programs. */
const seconds = 300;

/**
 * The cluster's own registry: Distribution on two or more hosts that keep nothing, images in the object storage. HAProxy of the entry fronts it, as
 * the plan of the entry says. All hosts have one secret, by which an upload that one began goes on at another, and one list of who may push.
 */
export class Registry extends pulumi.ComponentResource {
  readonly output: RegistryOutput;
  /** One step a host; each ends when its programs answer. */
  readonly steps: RemoteStep[] = [];

  constructor(name: string, args: RegistryArgs, opts?: pulumi.ComponentResourceOptions) {
    const { plan, hosts, pki } = args;
    const { kind, version, name: images, pushName, mirrored, store } = plan;
    const members = hosts.map((host) => host.plan.name);
    super(
      componentTokens.registry,
      name,
      { kind, version, name: images, pushName, mirrored, store, members },
      opts,
    );
    const username = "push";
    this.output = { name: images, pushName, username, password: pki.secret("registry/push") };
    const secretFiles = [
      {
        path: paths.registrySecret,
        content: pki.secret("registry/http").apply((secret) => `REGISTRY_HTTP_SECRET=${secret}\n`),
      },
      { path: paths.registryUsers, content: pki.passwordFile(username, "registry/push") },
    ];
    for (const host of hosts) {
      const { address } = host.plan;
      const step = new RemoteStep(
        `${host.plan.name}-registry`,
        {
          ...{ host, step: "registry", seconds, secretFiles },
          params: {
            RELEASE: version,
            ADDRESS: address,
            PULL_PORT: registryPorts.pull,
            PUSH_PORT: registryPorts.push,
          },
          files: registryFiles(plan, host.plan),
        },
        // One after another, so that a release or a setting that restarts them leaves one to serve.
        { parent: this, dependsOn: [host.prepare(), ...this.steps.slice(-1)] },
      );
      this.steps.push(step);
    }
    this.registerOutputs({ name: images, pushName });
  }
}
