import * as pulumi from "@pulumi/pulumi";
import type { Host } from "./host";
import type { ClusterPki } from "./pki/clusterPki";
import type { ClusterPlan, RegistryPlan } from "./plan/cluster";
import { harborFault } from "./plan/registry";
import type { RegistryPasswords } from "./plan/registryPasswords";
import { componentTokens } from "./plan/tokens";
import { distributionPrograms, harborPrograms } from "./registryPrograms";
import { RemoteStep } from "./remote/remoteStep";
import { standing, type Values } from "./standing";

/** Arguments of {@link Registry}. */
export interface RegistryArgs {
  plan: RegistryPlan;
  cluster: ClusterPlan;
  /** Its hosts, in the order of the plan. */
  hosts: Host[];
  pki: ClusterPki;
  /** Of kind `harbor`: passwords of its database and of Redis. */
  passwords?: pulumi.Input<RegistryPasswords> | undefined;
}

/** A registry, as whoever pulls and pushes needs to know it. */
export interface RegistryOutput {
  /** What names of its images begin with where they are pulled: `registry.prod.internal`. */
  name: string;
  /** The same where they are pushed: `registry.prod.internal:5443`; of kind `harbor` it is the same. */
  pushName: string;
  /** Who pushes; of kind `harbor` its administrator. */
  username: string;
  /** Secret. Of kind `harbor` it is what the administrator has first, until somebody changes it. */
  password: pulumi.Output<string>;
}

/**
 * The cluster's own registry: two or more hosts that keep nothing, images in the object storage; of kind `harbor` the rest is in a database and a Redis
 * that are given. HAProxy of the entry fronts it, as the plan of the entry says. All hosts have the same secrets, so that what one began another one goes on with.
 */
export class Registry extends pulumi.ComponentResource {
  readonly output: RegistryOutput;
  /** One step a host; each ends when its programs answer. */
  readonly steps: RemoteStep[] = [];

  constructor(name: string, args: RegistryArgs, opts?: pulumi.ComponentResourceOptions) {
    const { plan, cluster, hosts, pki, passwords } = args;
    const { kind, version, name: images, pushName, mirrored, store } = plan;
    const members = hosts.map((host) => host.plan.name);
    super(
      componentTokens.registry,
      name,
      { kind, version, name: images, pushName, mirrored, store, members },
      opts,
    );
    const programs =
      plan.kind === "harbor"
        ? harborPrograms({ plan, cluster, pki, passwords })
        : distributionPrograms(plan, pki);
    const { username, password } = programs;
    this.output = { name: images, pushName, username, password: pki.secret(password) };
    for (const host of hosts) {
      const step = new RemoteStep(
        `${host.plan.name}-registry`,
        { host, ...programs.step(host.plan) },
        // One after another, so that a release or a setting that restarts them leaves one to serve.
        { parent: this, dependsOn: [host.prepare(), ...this.steps.slice(-1)] },
      );
      this.steps.push(step);
    }
    standing(
      `${name}-reached`,
      {
        values: { KIND: kind, RELEASE: plan.kind === "harbor" ? plan.release : "" },
        ...{ hook: `${name}-way`, fault: registryWayFault },
      },
      { parent: this, dependsOn: this.steps },
    );
    this.registerOutputs({ name: images, pushName });
  }
}

/** Why a registry does not become another one; undefined where it does. */
export function registryWayFault(before: Values, after: Values): string | undefined {
  const { KIND: was, RELEASE: from } = before;
  const { KIND: is, RELEASE: to } = after;
  if (was === undefined || is === undefined) return undefined;
  if (was !== is) {
    return `registry.kind: got ${is}, but the registry that lives is of kind ${was}, and neither knows the other's images. Take the section out and run up, put the other one in, then push the images there`;
  }
  const fault = from && to ? harborFault(from, to) : undefined;
  return fault && `versions.harbor: ${fault.message}. ${fault.fix}`;
}
