import type { Engine } from "./engine";
import type { Operator, StackOutputs } from "./operator";
import { say, step } from "../toolchain/progress";
import { waitFor } from "./wait";

interface NodeList {
  items: {
    metadata: { name: string };
    status: { conditions?: { type: string; status: string; reason?: string }[] };
  }[];
}

interface PodList {
  items: {
    metadata: { name: string };
    status: { phase?: string; conditions?: { type: string; status: string }[] };
  }[];
}

/** From configuration to a living cluster: engine, then every node Ready and every system pod running, seen through the entry. */
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
  const outputs = operator.learn(await engine.outputs());
  await step("waiting for every node and system pod", () => clusterReady(operator, outputs));
  return outputs;
}

/**
 * Waits until every master and worker is Ready and all of kube-system runs.
 *
 * @throws DeadlineError with what was not ready.
 */
export async function clusterReady(
  operator: Operator,
  outputs: StackOutputs,
  deadlineSeconds = 300,
): Promise<void> {
  const expected = outputs.nodes
    .filter(({ role }) => role === "master" || role === "worker")
    .map(({ name }) => name);
  await waitFor(
    { what: "the cluster to be ready", deadlineSeconds, everyMs: 1000 },
    async (seen) => {
      const nodes = await operator.kubectl(["get", "nodes", "-o", "json", "--request-timeout=5s"]);
      if (nodes.code !== 0) {
        seen(nodes.stderr.trim());
        return;
      }
      const ready = new Set(
        (JSON.parse(nodes.stdout) as NodeList).items
          .filter(({ status }) =>
            status.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True"),
          )
          .map(({ metadata }) => metadata.name),
      );
      const missing = expected.filter((name) => !ready.has(name));
      if (missing.length > 0) {
        seen(`nodes not Ready: ${missing.join(", ")}`);
        return;
      }
      const pods = await operator.kubectl([
        "get",
        "pods",
        "-n",
        "kube-system",
        "-o",
        "json",
        "--request-timeout=5s",
      ]);
      if (pods.code !== 0) {
        seen(pods.stderr.trim());
        return;
      }
      const waiting = (JSON.parse(pods.stdout) as PodList).items
        .filter(
          ({ status }) =>
            !status.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True"),
        )
        .map(({ metadata, status }) => `${metadata.name} (${status.phase ?? "?"})`);
      if (waiting.length > 0) {
        seen(`pods not ready: ${waiting.join(", ")}`);
        return;
      }
      return true;
    },
  );
}
