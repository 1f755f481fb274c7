import * as pulumi from "@pulumi/pulumi";
import { acceptedGenerations, type Rotation } from "../plan/rotation";
import { makeOnce } from "./makeOnce";
import type { PkiRequest } from "./requests";

/** A key of which there are generations. */
export interface GenerationsArgs<T> {
  /** How far its rotation is. */
  rotation: Rotation;
  /** The key that the cluster was made with. */
  first: pulumi.Output<T>;
  /** Makes another. */
  request: PkiRequest;
  triggers: pulumi.Input<string>[];
}

/** A generation of a key. */
export interface Generation<T> {
  generation: number;
  key: pulumi.Output<T>;
}

/** Those that are accepted, the one that is used first. */
export type Generations<T> = [Generation<T>, ...Generation<T>[]];

/**
 * The generations of a key that are accepted, the one that is used first. Each later than the first is a resource of its own, `<name>-<generation>`, and stays when it is
 * used no more: a snapshot of etcd that was taken with it can be read with nothing else.
 */
export function generationsOf<T>(
  name: string,
  { rotation, first, request, triggers }: GenerationsArgs<T>,
  opts: pulumi.CustomResourceOptions,
): Generations<T> {
  const made = Array.from({ length: rotation.generation - 1 }, (_, index) =>
    makeOnce<T>(`${name}-${index + 2}`, request, triggers, { ...opts, protect: true }),
  );
  return accepted(rotation, (generation) => made[generation - 2] ?? first);
}

/** Those that are accepted in one file, the one that is used first. */
export function joined<T>(
  generations: Generations<T>,
  part: (key: T) => string,
): pulumi.Output<string> {
  return pulumi
    .all(generations.map(({ key }) => key.apply(part)))
    .apply((accepted) => accepted.join(""));
}

/** Those of a key's generations that are accepted, the one that is used first. */
export function accepted<T>(
  rotation: Rotation,
  keyOf: (generation: number) => pulumi.Output<T>,
): Generations<T> {
  const of = (generation: number) => ({ generation, key: keyOf(generation) });
  const [used, ...others] = acceptedGenerations(rotation);
  return [of(used), ...others.map(of)];
}
