import { say } from "../toolchain/progress";
import type { ClusterStatus } from "../operations/status/judge";
import { watchStatus } from "../operations/status/watch";
import { type Check, type Exercise, type Harmless, isHarmless, type Tried } from "./exercises";
import type { AskedSite } from "./exercises/exercise";
import { prepareProbers, removeProbers } from "./probers";
import type { Site } from "./site";

/** An exercise as it went. */
export type Practised = {
  exercise: Pick<Exercise, "name" | "about" | "expected">;
  /** When it began. */
  at: Date;
} & (
  | { outcome: "passed" | "failed" | "unclear"; tried: Tried }
  /** The cluster has no such part. */
  | { outcome: "left out" }
  /** It could not be tried to its end. */
  | { outcome: "broken"; why: string }
);

/** Seconds for a cluster to be healthy before an exercise, and after it. */
const healthyWithin = 300;

/**
 * Does exercises one after another, each from a healthy cluster to a healthy cluster; one that cannot be done does not keep the others from it, but for
 * what it has left broken.
 *
 * @param told Of each as soon as it is over.
 * @throws Error when the cluster is not healthy to begin with.
 */
export async function practise(
  site: Site,
  exercises: readonly (Exercise | Harmless)[],
  told: (practised: Practised) => void,
): Promise<Practised[]> {
  const all: Practised[] = [];
  const over = (practised: Practised): void => {
    all.push(practised);
    told(practised);
  };
  const loses = exercises.some((each) => !isHarmless(each));
  if (loses) {
    await healthy(site);
    await prepareProbers(site);
  }
  try {
    for (const exercise of exercises) {
      say(`${exercise.name}: ${exercise.about}`);
      over(
        await outcomeOf(exercise, async () => {
          if (isHarmless(exercise)) return exercise.run(site);
          const before = await healthy(site);
          const tried = await exercise.run(site, before);
          return tried && { ...tried, checks: [...tried.checks, await healthyAgain(site)] };
        }),
      );
    }
    return all;
  } finally {
    if (loses) await removeProbers(site);
  }
}

/** Does one that only asks. */
export function ask(site: AskedSite, exercise: Harmless): Promise<Practised> {
  return outcomeOf(exercise, () => exercise.run(site));
}

async function outcomeOf(
  { name, about, expected }: Exercise | Harmless,
  work: () => Promise<Tried | undefined>,
): Promise<Practised> {
  const common = { exercise: { name, about, expected }, at: new Date() };
  try {
    const tried = await work();
    if (tried === undefined) return { ...common, outcome: "left out" };
    return { ...common, tried, outcome: outcomeBy(tried.checks) };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { ...common, outcome: "broken", why };
  }
}

/** Pure. */
export function outcomeBy(checks: readonly Check[]): "passed" | "failed" | "unclear" {
  const missed = checks.filter(({ passed }) => !passed);
  if (missed.length === 0) return "passed";
  return missed.every(({ unclear }) => unclear) ? "unclear" : "failed";
}

const statusOf = ({ cluster: { operator } }: Site): Promise<ClusterStatus> =>
  watchStatus(operator.outputs, operator.way, healthyWithin);

/** @throws Error with what is not healthy: what came of a fault then would be of two. */
async function healthy(site: Site): Promise<ClusterStatus> {
  const status = await statusOf(site);
  if (status.healthy) return status;
  throw new Error(`not begun, as the cluster is not healthy: ${findings(status)}`);
}

async function healthyAgain(site: Site): Promise<Check> {
  const status = await statusOf(site);
  return {
    what: "npm run status",
    expected: "healthy",
    measured: status.healthy ? "healthy" : findings(status),
    passed: status.healthy,
  };
}

const findings = (status: ClusterStatus): string =>
  status.findings.map(({ of, problem }) => `${of}: ${problem}`).join("; ");
