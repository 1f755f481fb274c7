import { secondsOf } from "./schema/times";

/** Those that apiservers read as they start. */
export const apiserverKeys = ["encryptionKey", "serviceAccountKey", "etcdCa"] as const;
/** Those that masters have, and change in turn. */
export const masterKeys = ["kubernetesCa", ...apiserverKeys, "frontProxyCa"] as const;
/** Keys that are replaced on a living cluster by the settings `pki.rotation.<key>`, the old and the new one side by side. */
export const rotatedKeys = [...masterKeys, "operatorKey"] as const;
export type RotatedKey = (typeof rotatedKeys)[number];

/**
 * What a new generation of a key has come to. `trust`: everyone accepts it, nobody uses it. `use`: everyone uses it, and accepts the one before.
 * `retire`: the one before is accepted no more.
 */
export const rotationPhases = ["trust", "use", "retire"] as const;
export type RotationPhase = (typeof rotationPhases)[number];

/** Phases that have an `overlap` before them, by key: what was signed, or read, in the phase before is replaced in that time. All others need none. */
const slowPhases: Readonly<Partial<Record<RotatedKey, readonly RotationPhase[]>>> = {
  // What runs in pods may read the authorities when it begins and never again.
  kubernetesCa: ["use", "retire"],
  serviceAccountKey: ["retire"],
};

/** How far the rotation of a key is. */
export interface Rotation {
  /** Counts from 1, the key that the cluster was made with. */
  generation: number;
  phase: RotationPhase;
}

/** Where every cluster begins: one generation, nothing before it. */
export const firstRotation: Rotation = { generation: 1, phase: "retire" };

/** Generations that are accepted, the one that is used first. */
export function acceptedGenerations({ generation, phase }: Rotation): [number, ...number[]] {
  const before = generation - 1;
  return phase === "retire"
    ? [generation]
    : phase === "use"
      ? [generation, before]
      : [before, generation];
}

/** Generations that were accepted once, and are no more. */
export function formerGenerations(rotation: Rotation): number[] {
  const first = Math.min(...acceptedGenerations(rotation));
  return Array.from({ length: first - 1 }, (_, index) => index + 1);
}

/** As people write it and as hosts keep it: `2 trust`. */
export function rotationText({ generation, phase }: Rotation): string {
  return `${generation} ${phase}`;
}

/** How far each of these keys is, as hosts are told: `encryptionKey 2 trust`. */
export function rotationTexts(
  rotation: Readonly<Record<RotatedKey, Rotation>>,
  keys: readonly RotatedKey[],
): string[] {
  return keys.map((key) => `${key} ${rotationText(rotation[key])}`);
}

/** Whether it has ever begun: a cluster that has not begun one is the same without. */
export function isBegun(rotation: Rotation): boolean {
  return rotationText(rotation) !== rotationText(firstRotation);
}

/** The keys whose rotation has ever begun, and how far each is. */
export function begunRotations(
  rotation: Readonly<Record<RotatedKey, Rotation>>,
  keys: readonly RotatedKey[],
): string[] {
  return rotationTexts(
    rotation,
    keys.filter((key) => isBegun(rotation[key])),
  );
}

/** What is known of a phase that a living cluster has come to. */
export interface ReachedPhase extends Rotation {
  /** When the last host had it. */
  since: Date;
}

/**
 * Why a living cluster does not go from one phase to another; undefined when it does. Phases are taken one at a time, and within a generation back as well: what a
 * host accepts, all others have had time to learn of.
 *
 * @param overlap Time that has to pass before a phase that what is outside takes its time for, such as `25h`. @default none
 */
export function rotationFault(
  key: RotatedKey,
  before: ReachedPhase,
  after: Rotation,
  now: Date,
  overlap = "0m",
): string | undefined {
  const setting = `pki.rotation.${key}`;
  const way = place(after) - place(before);
  const back = way === -1 && after.generation === before.generation;
  if (way !== 0 && way !== 1 && !back) {
    const next = following(before);
    return (
      `${setting}: got ${said(after)}, but this cluster is at ${said(before)}. ` +
      `Phases are taken one at a time: set it to ${said(next)}, and run \`pulumi up\`: docs/runbooks/certificates.md`
    );
  }
  const end = new Date(before.since.getTime() + secondsOf(overlap) * 1000);
  if (way === 1 && slowPhases[key]?.includes(after.phase) && now < end) {
    const [does, why] =
      after.phase === "use"
        ? ["accept", "what reads the authorities once, when it begins, may not know it yet"]
        : ["use", "what the one before has signed may still be in use"];
    return (
      `${setting}: got ${said(after)}, but all ${does} this generation since ${moment(before.since)}, and ${setting}.overlap is ${overlap}: ` +
      `${why}. Wait until ${moment(end)}`
    );
  }
  return undefined;
}

function following({ generation, phase }: Rotation): Rotation {
  return phase === "retire"
    ? { generation: generation + 1, phase: "trust" }
    : { generation, phase: phase === "trust" ? "use" : "retire" };
}

/** Phases of all generations in a row. */
function place({ generation, phase }: Rotation): number {
  return generation * rotationPhases.length + rotationPhases.indexOf(phase);
}

function said({ generation, phase }: Rotation): string {
  return `generation ${generation}, phase ${phase}`;
}

function moment(date: Date): string {
  return `${date.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
