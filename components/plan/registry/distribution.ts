import { z } from "zod";
import { type Flow } from "../model";
import { clientDuties } from "../roles";
import { portProblems, worldProblems } from "../rules/ranges";
import {
  entryPort,
  ranges,
  type RegistryBase,
  registryFlow,
  type RegistryKind,
  registryPorts,
  sharedSettings,
} from "./shared";

/** Branch `kind: distribution` of the section `registry`. */
export const distributionConfig = z.strictObject({
  kind: z
    .literal("distribution")
    .describe("`distribution`: CNCF Distribution, the program that most registries are made of."),
  ...sharedSettings,
  port: entryPort
    .default(443)
    .meta({ unit: "port" })
    .describe("Port of the entry that images are pulled at, and nothing is pushed."),
  pushPort: entryPort
    .default(5443)
    .meta({ unit: "port" })
    .describe("Port of the entry that images are pushed at, by who has the password."),
  allowedCidrs: ranges.describe(
    "Ranges, besides nodes and the bastion, that may pull. Whoever gets there may: pulling takes no password.",
  ),
  pushCidrs: ranges.describe(
    "Ranges, besides the bastion, that may reach `pushPort`, such as that of a CI.",
  ),
});

type DistributionConfig = z.output<typeof distributionConfig>;

/** Distribution: programs that keep nothing, on hosts of their own, and images in the object storage. */
export interface DistributionPlan extends RegistryBase {
  kind: "distribution";
}

/** Pushes reach another program than pulls. */
export const registryPushFlow: Flow = {
  ...registryFlow,
  why: "registry, pushes from the entry",
  port: registryPorts.push,
};

/** Whether the program works, and no more: what both hosts share is the storage, and no reason to take one out. */
const check = { path: "/", tls: false };

export const distribution: RegistryKind<DistributionConfig, DistributionPlan> = {
  problems: ({ port, pushPort, pushCidrs }) => [
    ...portProblems("registry.pushPort", pushPort),
    ...(port === pushPort
      ? [
          {
            path: "registry.pushPort",
            message: `got ${pushPort}, at which images are pulled`,
            fix: "Use another port: who pulls needs no password, and who pushes does",
          },
        ]
      : []),
    ...worldProblems("registry.pushCidrs", pushCidrs),
  ],
  flows: [registryFlow, registryPushFlow],
  // Pulls for everybody who may come, pushes for those who have something to push.
  frontends: ({ port, pushPort, allowedCidrs, pushCidrs }, at) => [
    {
      ...{ name: "registry", port, clients: clientDuties, allowedCidrs },
      ...{ ...at(registryPorts.pull), check },
    },
    {
      ...{ name: "registry-push", port: pushPort, clients: ["bastion"], allowedCidrs: pushCidrs },
      ...{ ...at(registryPorts.push), check },
    },
  ],
  prefix: "registry",
  plan: ({ port, pushPort }, _, ofPort) => ({
    ...{ kind: "distribution", name: ofPort(port), pushName: ofPort(pushPort) },
  }),
};
