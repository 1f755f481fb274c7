import { local } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import {
  type ReachedPhase,
  type RotatedKey,
  rotatedKeys,
  type Rotation,
  rotationFault,
  rotationPhases,
  rotationText,
} from "./plan/rotation";
import type { ClusterConfig } from "./plan/schema";
import { componentTokens } from "./plan/tokens";

/**
 * How far the rotation of each key has come: it stands here, with the time, once all masters have succeeded with it. So a preview knows, before a host is asked, that
 * a phase would be skipped, or comes before what the former key has signed is replaced.
 */
export class Rotations extends pulumi.ComponentResource {
  /** @param reached All that brings the cluster to its phase. */
  constructor(
    name: string,
    rotation: ClusterConfig["pki"]["rotation"],
    reached: pulumi.Resource[],
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super(componentTokens.rotations, name, {}, opts);
    for (const key of rotatedKeys) {
      const settings: Rotation & { overlap?: string } = rotation[key];
      new local.Command(
        `${name}-${key}`,
        {
          // Tells when the phase was reached. Another one is an update, of which the engine tells both.
          ...{ create: "date +%s", update: "date +%s" },
          environment: { PHASE: rotationText(settings) },
          ...{ addPreviousOutputInEnv: false, logging: local.Logging.None },
        },
        {
          parent: this,
          dependsOn: reached,
          hooks: { beforeUpdate: [refusal(`${name}-${key}-way`, key, settings)] },
        },
      );
    }
    this.registerOutputs({});
  }
}

/** Refuses a phase that the living cluster is not taken to from where it is, in a preview too. */
function refusal(
  name: string,
  key: RotatedKey,
  settings: Rotation & { overlap?: string },
): pulumi.ResourceHook {
  return new pulumi.ResourceHook(
    name,
    ({ oldInputs, oldOutputs }) => {
      const before = reachedIn(oldInputs, oldOutputs);
      const fault = before && rotationFault(key, before, settings, new Date(), settings.overlap);
      if (fault !== undefined) throw new Error(fault);
    },
    { onDryRun: true },
  );
}

function reachedIn(inputs: unknown, outputs: unknown): ReachedPhase | undefined {
  const { environment } = (inputs ?? {}) as { environment?: Record<string, unknown> };
  const { stdout } = (outputs ?? {}) as { stdout?: unknown };
  const [generation, phase] = String(environment?.["PHASE"]).split(" ");
  const known = rotationPhases.find((each) => each === phase);
  return known === undefined
    ? undefined
    : { generation: Number(generation), phase: known, since: new Date(Number(stdout) * 1000) };
}
