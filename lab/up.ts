import type { Engine } from "./engine";
import { learn } from "./learn";
import type { Operator, StackOutputs } from "./operator";
import { say, step } from "../toolchain/progress";
import { type EventList, type NodeList, type PodList, problemsOf } from "./readiness";
import { DeadlineError, waitFor } from "./wait";

/** From configuration to a living cluster: engine, then every node Ready and taking pods and every pod running, seen through the entry. */
export async function bringUp(
  engine: Engine,
  operator: Operator,
  config?: string,
): Promise<StackOutputs> {
  await step("preparing the stack", () => engine.prepare(config));
  for (const said of await engine.recover()) say(said);
  say("pulumi up");
  const code = await engine.up();
  if (code !== 0) {
    // The cause may be something left over that the state does not know: it is named, with the command that removes it.
    await engine.operate("list", [], "inherit");
    throw new Error(
      `pulumi up ended with ${code}. What was made is kept: mend the cause above and run \`npm run lab\` again, it goes on from there.`,
    );
  }
  const outputs = learn(operator, await engine.outputs());
  await step("waiting for every node and pod", () => clusterReady(operator, outputs.nodes));
  return outputs;
}

/**
 * Waits until every master and worker is Ready and takes pods, and every pod of the cluster is Ready.
 *
 * @throws DeadlineError with what is not ready and why.
 */
export async function clusterReady(
  operator: Operator,
  hosts: readonly { name: string; role: string }[],
  deadlineSeconds = 300,
): Promise<void> {
  const what = "the cluster to be ready";
  try {
    await waitFor({ what, deadlineSeconds, everyMs: 1000 }, async (seen) => {
      const problems = await clusterProblems(operator, hosts);
      if (problems.length === 0) return true;
      seen(problems.join("\n"));
      return undefined;
    });
  } catch (error) {
    // Events tell what a pod's status does not; they are many, and asked for once.
    const problems = await clusterProblems(operator, hosts, true).catch(() => {
      throw error;
    });
    if (problems.length > 0)
      throw new DeadlineError(
        [`gave up waiting for ${what} after ${deadlineSeconds} s:`, ...problems].join("\n  "),
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
