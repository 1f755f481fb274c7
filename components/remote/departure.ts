import { remote, type types } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { SshKey } from "../pki/sshKey";
import type { HostPlan } from "../plan/cluster";
import type { Drain } from "../plan/schema/departure";
import { type Duty, share } from "../plan/roles";
import { unpacked } from "./stepHost";

/** Duties that a host does not leave without a word. Who passes connections on is watched by its peers, and missed by nobody. */
const announced: readonly Duty[] = ["etcd", "controlPlane", "worker"];

/** Arguments of {@link Departure}. */
export interface DepartureArgs {
  /** Who leaves. */
  plan: HostPlan;
  /** Its machine. */
  instance: pulumi.CustomResource;
  /** What goes only when everything goes. */
  network: pulumi.Resource;
  /** The way to the bastion. */
  bastion: pulumi.Input<types.input.remote.ConnectionArgs>;
  /** SSH key the host shows. Public. */
  hostKey: pulumi.Input<string>;
  /** What masters and members of etcd take requests from. */
  key: pulumi.Output<SshKey>;
  /** How its pods leave. */
  drain: Drain;
  /** Tries again when the connection broke. */
  retry: pulumi.ErrorHook;
}

/** How a departure stands in the triggers of its command, after the instance's id. The plan check reads it. */
export interface DepartureTrigger {
  /** Name of the host that leaves. */
  departure: string;
}

/** Seconds beyond the drain's: for another one's turn, for peers that restart, for etcd. */
const graceSeconds = 1800;

/**
 * What leaving takes: drained, out of etcd's list, its node removed. Nothing when it is made; acts when it is deleted, before the machine goes, with
 * what stands in the state since the member's birth.
 *
 * - From the bastion, which knows the members of the day and asks them in turn: the program does not know later who left, and a new member changes nothing here.
 * - `deletedWith` the network, so a whole cluster goes without it.
 * - Its triggers never change while the machine stays: whatever replaces it makes a member leave that is to stay.
 */
export class Departure extends remote.Command {
  /** Whether a host has something to do before it goes. */
  static isNeeded({ duties }: HostPlan): boolean {
    return share(duties, announced);
  }

  constructor(name: string, args: DepartureArgs, opts: pulumi.CustomResourceOptions) {
    const { plan, instance, hostKey, drain } = args;
    const trigger: DepartureTrigger = { departure: plan.name };
    super(
      name,
      {
        connection: args.bastion,
        delete: pulumi.output(hostKey).apply((known) => commandLine(plan, known, drain)),
        stdin: pulumi.secret(args.key.apply(({ privateKey }) => privateKey)),
        triggers: [instance.id, trigger],
        addPreviousOutputInEnv: false,
        logging: remote.Logging.None,
      },
      pulumi.mergeOptions(opts, {
        // One that is left behind by its successor would take that one out.
        deleteBeforeReplace: true,
        deletedWith: args.network,
        additionalSecretOutputs: ["stdout", "stderr"],
        customTimeouts: { delete: `${seconds(drain) + 600}s` },
        hooks: { onError: [args.retry] },
      }),
    );
  }
}

const seconds = ({ timeoutSeconds }: Drain) => timeoutSeconds + graceSeconds;

function commandLine({ name, address, duties }: HostPlan, hostKey: string, drain: Drain): string {
  const { timeoutSeconds, onTimeout } = drain;
  const told = [name, address, `'${hostKey}'`, duties.join(","), timeoutSeconds, onTimeout];
  return unpacked(
    `timeout --kill-after=10 ${seconds(drain)} ssh-agent bash "$dir/run-departure.sh" ${told.join(" ")}`,
  );
}
