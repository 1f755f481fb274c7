import * as pulumi from "@pulumi/pulumi";
import type { ClusterPlan } from "./plan/cluster";
import { prepareHost } from "./preparation";
import { RemoteStep } from "./remote/remoteStep";
import type { StepHost } from "./remote/stepHost";

/** Seconds preparing one host may take: packages, binaries and images over a slow line. */
const seconds = 900;

/** The step that makes a plain host ready for its role. It waits for no other host. */
export function prepare(
  plan: ClusterPlan,
  host: StepHost,
  opts: pulumi.ComponentResourceOptions,
): RemoteStep {
  return new RemoteStep(
    `${host.plan.name}-prepare`,
    { host, step: "prepare-host", seconds, ...prepareHost(plan, host.plan) },
    opts,
  );
}
