import { duration, say, step, watching } from "../toolchain/progress";
import type { Engine } from "./engine";
import { lastTime, rememberTime } from "./lastTime";
import { learn } from "./learn";
import type { Operator, StackOutputs } from "./operator";
import { type EventList, type NodeList, type PodList, problemsOf } from "./readiness";
import { UpProgress } from "./upProgress";
import { DeadlineError, waitFor } from "./wait";

/** Seconds a cluster may take from the end of `up` until it takes work. */
const readySeconds = 600;

/** What {@link bringUp} may be told. */
export interface BringUpOptions {
  /** Stack configuration. @default the checkout's Pulumi.lab.yaml */
  config?: string | undefined;
  /** Have the plan check judge the plan first. @default false */
  check?: boolean | undefined;
}

/**
 * From configuration to a living cluster: engine, then every node Ready and taking pods and every pod running, seen through the entry. Tells meanwhile
 * what is awaited.
 *
 * @throws Error when the check does not pass the plan, before anything is touched; when `up` fails; when the cluster does not come to be ready.
 */
export async function bringUp(
  engine: Engine,
  operator: Operator,
  { config, check = false }: BringUpOptions = {},
): Promise<StackOutputs> {
  const isNew = await step("preparing the stack", () => engine.prepare(config));
  if (!isNew)
    for (const said of await step("settling what the last run left", () => engine.recover()))
      say(said);
  if (check) await judged(engine);
  const progress = new UpProgress();
  let awaited = (): string => progress.awaited;
  const began = performance.now();
  const taken = (): number => performance.now() - began;
  const line = (): string => upLine(awaited(), taken(), lastTime(progress.shape));
  const { result: outputs } = await watching(line, async () => {
    const made = await pulumiUp(engine, operator, progress);
    awaited = () => "every node and pod";
    await clusterReady(operator, made.nodes, (problems) => {
      awaited = () => firstOf(problems);
    });
    return made;
  });
  say(`the cluster is up after ${duration(taken())}`);
  rememberTime(progress.shape, taken());
  return outputs;
}

/** @throws Error when the check does not pass the plan. */
async function judged(engine: Engine): Promise<void> {
  const { code } = await step("judging the plan (npm run check)", () => engine.check([]));
  if (code !== 0)
    throw new Error(`the plan check ended with ${code}, which is told above: nothing was touched`);
}

/** How an `up` goes. Pure. @param last Milliseconds that such a one took the last time. */
export function upLine(awaited: string, taken: number, last: number | undefined): string {
  const before = last === undefined ? "" : ` (last time ${duration(last)})`;
  return `up ${duration(taken)}${before}, awaited: ${awaited}`;
}

/** The first of many lines, and how many more there are. Pure. */
function firstOf([first = "nothing", ...more]: readonly string[]): string {
  return more.length === 0 ? first : `${first}; and ${more.length} more`;
}

async function pulumiUp(
  engine: Engine,
  operator: Operator,
  progress: UpProgress,
): Promise<StackOutputs> {
  say("pulumi up");
  const code = await engine.up([], (events) => progress.take(events));
  if (code !== 0) {
    // The cause may be something left over that the state does not know: it is named, with the command that removes it.
    await engine.operate("list", [], "inherit");
    throw new Error(
      `pulumi up ended with ${code}. What was made is kept: mend the cause above and run \`npm run lab\` again, it goes on from there.`,
    );
  }
  return learn(operator, await engine.outputs());
}

/**
 * Waits until every master and worker is Ready and takes pods, and every pod of the cluster is Ready.
 *
 * @param seen Told at each look what is not.
 * @throws DeadlineError with what is not ready and why.
 */
export async function clusterReady(
  operator: Operator,
  hosts: readonly { name: string; role: string }[],
  seen: (problems: readonly string[]) => void = () => undefined,
): Promise<void> {
  const what = "the cluster to be ready";
  try {
    await waitFor({ what, deadlineSeconds: readySeconds, everyMs: 1000 }, async (last) => {
      const problems = await clusterProblems(operator, hosts);
      if (problems.length === 0) return true;
      seen(problems);
      last(problems.join("\n"));
      return undefined;
    });
  } catch (error) {
    // Events tell what a pod's status does not; they are many, and asked for once.
    const problems = await clusterProblems(operator, hosts, true).catch(() => {
      throw error;
    });
    if (problems.length > 0)
      throw new DeadlineError(
        [`gave up waiting for ${what} after ${readySeconds} s:`, ...problems].join("\n  "),
        { cause: error },
      );
  }
}

/**
 * What keeps a cluster from being ready, one line a thing.
 *
 * @param withEvents Ask for the events of waiting pods, too.
 * @throws Error when the API does not answer.
 */
export async function clusterProblems(
  operator: Operator,
  hosts: readonly { name: string; role: string }[],
  withEvents = false,
): Promise<string[]> {
  const get = async <T>(...what: string[]): Promise<T> => {
    const command = ["get", ...what, "-o", "json", "--request-timeout=5s"];
    const { code, stdout, stderr } = await operator.kubectl(command);
    if (code !== 0) throw new Error(stderr.trim());
    return JSON.parse(stdout) as T;
  };
  const expected = hosts.filter(({ role }) => role === "master" || role === "worker");
  return problemsOf(
    expected.map(({ name }) => name),
    await get<NodeList>("nodes"),
    await get<PodList>("pods", "-A"),
    withEvents
      ? await get<EventList>("events", "-A", "--sort-by=.metadata.creationTimestamp")
      : undefined,
  );
}
