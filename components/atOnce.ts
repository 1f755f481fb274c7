import { availableParallelism } from "node:os";
import * as pulumi from "@pulumi/pulumi";
import type { ClusterPlan } from "./plan/cluster";

/**
 * How many operations the engine carries out at once (`--parallel`, `PULUMI_PARALLEL`). It tells Node programs so by this variable of the SDK's; a component
 * that another language's program has is not told, and counts with the engine's own default.
 */
export function operationsAtOnce(env: NodeJS.ProcessEnv = process.env): number {
  const told = Number(env["PULUMI_NODEJS_PARALLEL"]);
  return Number.isInteger(told) && told > 0 ? told : 4 * availableParallelism();
}

/**
 * How many workers may be made or changed at once. A worker's step holds one of the engine's operations while it waits for the API, or for workers before it
 * that go to another release, so all other hosts have to have an operation left, or nobody would ever make what it waits for.
 *
 * @param operations that the engine carries out at once
 * @returns 1 or more
 * @throws pulumi.RunError when they are too few for the members of etcd, or the masters, which wait for one another.
 */
export function workersAtOnce(
  { hosts, workers, masters, etcd }: Pick<ClusterPlan, "hosts" | "workers" | "masters" | "etcd">,
  operations = operationsAtOnce(),
): number {
  const needed = Math.max(etcd.length, masters.length) + 1;
  if (operations < needed)
    throw new pulumi.RunError(
      `The engine carries out ${operations} operations at once, but members of etcd wait for one another, as masters do: it takes ${needed} or more. Use --parallel ${hosts.length}, or PULUMI_PARALLEL=${hosts.length}.`,
    );
  const left = Math.max(1, operations - (hosts.length - workers.length));
  if (left < workers.length)
    void pulumi.log.info(
      `Of ${workers.length} workers ${left} at a time are made or changed, as the engine carries out ${operations} operations at once. All at once: --parallel ${hosts.length}, or PULUMI_PARALLEL=${hosts.length}.`,
    );
  return left;
}
