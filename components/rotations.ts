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
import { standing, type Values } from "./standing";

/**
 * How far the rotation of each key has come: it stands here, with the time, once all masters have succeeded with it. So a preview knows, before a host is asked, that
 * a phase would be skipped, or comes before what the former key has signed is replaced.
 */
export class Rotations extends pulumi.ComponentResource {
  /** @param reached All that brings the cluster to the phase of a key. */
  constructor(
    name: string,
    rotation: ClusterConfig["pki"]["rotation"],
    reached: Readonly<Record<RotatedKey, pulumi.Resource[]>>,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super(componentTokens.rotations, name, {}, opts);
    for (const key of rotatedKeys) {
      const settings: Rotation & { overlap?: string } = rotation[key];
      standing(
        `${name}-${key}`,
        {
          values: { PHASE: rotationText(settings) },
          // When the phase was reached.
          command: "date +%s",
          hook: `${name}-${key}-way`,
          fault: (was, _, told) => {
            const before = reachedIn(was, told);
            return before && rotationFault(key, before, settings, new Date(), settings.overlap);
          },
        },
        { parent: this, dependsOn: reached[key] },
      );
    }
    this.registerOutputs({});
  }
}

function reachedIn({ PHASE }: Values, told: unknown): ReachedPhase | undefined {
  const [generation, phase] = String(PHASE).split(" ");
  const known = rotationPhases.find((each) => each === phase);
  return known === undefined
    ? undefined
    : { generation: Number(generation), phase: known, since: new Date(Number(told) * 1000) };
}
