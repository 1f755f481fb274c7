import { existsSync, readFileSync } from "node:fs";
import { placeOf } from "../../drills/site";
import { familyOf, runningProcesses } from "../../lab/runningProcesses";
import { HopelessError, waitFor } from "../../lab/wait";
import { kubectlFromBelow } from "./fromBelow";
import type { TestLab } from "./lab";

/** How a run is ended: as a person does it, as the kernel does it for want of memory, or under it. */
export type Blow =
  "Ctrl-C" | "kill -9 of the engine" | "kill -9 of the local cloud" | `power loss of ${string}`;

/** A moment of a run on real hosts, known by what is there, never by time. */
export interface Moment {
  name: string;
  come(lab: TestLab): Promise<boolean>;
}

/** So many instances have been ordered. */
export function instancesOrdered(count: number): Moment {
  return {
    name: `${count} instances are ordered`,
    come: async (lab) => (await lab.admin.placement()).length >= count,
  };
}

/** A host is in the middle of a step, for the first time. @param former Id of its machine that is still to go, and that is not meant. @default none */
export function stepBegun(host: string, step: string, former?: string): Moment {
  return {
    name: `${host} is in its step ${step}`,
    come: async (lab) => {
      const row = (await lab.admin.placement()).find(({ name }) => name === host);
      if (row === undefined || row.instanceId === former) return false;
      // Seen from the machine below: whoever may log in is not known before the cluster is.
      return logOf(lab, row.instanceId, step) !== undefined;
    },
  };
}

/** The log of a host's step has a text, from then until the step is run once more: seen however fast it goes by. */
export function stepSays(host: string, step: string, text: string): Moment {
  return {
    name: `${step} on ${host} says "${text}"`,
    come: async (lab) => {
      const { instanceId } = await placeOf({ cluster: lab }, { name: host });
      const log = logOf(lab, instanceId, step);
      return log !== undefined && readFileSync(log, "utf8").includes(text);
    },
  };
}

/** Where the machine below has the log of a step; undefined before the step was run, and while the instance is off. */
function logOf(lab: TestLab, instanceId: string, step: string): string | undefined {
  const file = lab.hostFile(instanceId, `/var/log/kubernetes-ha/${step}.log`);
  return file !== undefined && existsSync(file) ? file : undefined;
}

/** The bastion has begun to take a member out. */
export function departureBegun(host: string): Moment {
  return {
    name: `${host} is being taken out`,
    come: () =>
      Promise.resolve(
        runningProcesses().some(({ argv }) =>
          argv.some((word, at) => word.endsWith("/run-departure.sh") && argv[at + 1] === host),
        ),
      ),
  };
}

/** A node is no longer in the API's list. */
export function nodeGone(host: string): Moment {
  return {
    name: `the node ${host} is gone`,
    come: async (lab) =>
      (await lab.kubectl("get", "node", host, "--ignore-not-found", "-o", "name")) === "",
  };
}

/** A field of a node has a value. */
export function nodeHas(host: string, path: string, value: string): Moment {
  return {
    name: `the node ${host} has ${value} for ${path}`,
    come: async (lab) =>
      (await lab.kubectl("get", "node", host, "-o", `jsonpath={${path}}`)) === value,
  };
}

/** A host has another machine than the one it had. */
export function machineAnew(host: string, former: string): Moment {
  return {
    name: `${host} has a new machine`,
    come: async (lab) =>
      (await lab.admin.placement()).some(
        ({ name, instanceId }) => name === host && instanceId !== former,
      ),
  };
}

const powerLoss = "power loss of ";

/**
 * Starts `npm run lab`, ends its `pulumi up` at a moment and waits until it has ended. A host that has lost power has it again after that.
 *
 * @returns how it ended.
 * @throws Error when it ends before that moment.
 */
export async function interrupt(
  lab: TestLab,
  moment: Moment,
  blow: Blow,
  args: string[] = [],
): Promise<{ code: number; output: string }> {
  const { child, ended } = lab.start(args);
  let engine: number | undefined;
  await waitFor(
    { what: `the moment when ${moment.name}`, deadlineSeconds: 1200, everyMs: 100 },
    async (seen) => {
      if (child.exitCode !== null)
        throw new HopelessError(`it ended by itself: ${(await ended).output.slice(-3000)}`);
      seen("not yet");
      // All processes are looked at until it is found, and no more.
      engine ??= engineUnder(child.pid as number);
      if (engine === undefined || !(await lab.admin.alive())) return undefined;
      return (await moment.come(lab)) ? true : undefined;
    },
  );
  if (blow.startsWith(powerLoss)) {
    const name = blow.slice(powerLoss.length);
    const { instanceId } = await placeOf({ cluster: lab }, { name });
    await lab.admin.instance(instanceId, "kill");
    const how = await ended;
    await lab.admin.instance(instanceId, "start");
    return how;
  }
  // As a terminal gives it: to the whole process group.
  if (blow === "Ctrl-C") process.kill(-(child.pid as number), "SIGINT");
  else {
    const doomed = blow === "kill -9 of the engine" ? engine : daemonOf(lab);
    if (doomed === undefined) throw new Error(`the engine has ended before it could be killed`);
    process.kill(doomed, "SIGKILL");
  }
  return ended;
}

/** Runs that are ended on the way, one after another. None of them may say that all is well. */
export async function endedBy(
  lab: TestLab,
  blows: readonly (readonly [Blow, Moment])[],
  args: string[],
): Promise<void> {
  for (const [blow, moment] of blows) {
    const { code } = await interrupt(lab, moment, blow, args);
    console.log(`${blow} when ${moment.name} ended it with ${code}`);
    expect(code).not.toBe(0);
  }
}

/** The engine that a run has started, once it has; killed, its plugins live on. */
function engineUnder(pid: number): number | undefined {
  const processes = runningProcesses();
  const family = familyOf(pid, processes);
  return processes.find(
    ({ pid: id, argv: [program, command] }) =>
      family.includes(id) && program?.endsWith("pulumi") && command === "up",
  )?.pid;
}

function daemonOf(lab: TestLab): number {
  return Number(readFileSync(lab.path("daemon.pid"), "utf8"));
}

/** A master's apiserver answers, so there is data in etcd, and the run is at the masters. */
export function apiAnswers(master: string): Moment {
  return {
    name: `${master} answers`,
    come: async (lab) => {
      const events = lab.path("events.json");
      if (!existsSync(events)) return false;
      if (!readFileSync(events, "utf8").includes(`${master}-control-plane`)) return false;
      return clusterUid(lab, master).then(
        () => true,
        () => false,
      );
    },
  };
}

/**
 * What tells an etcd from one that was made anew: the identity of the first object that an apiserver wrote to it, asked of a master.
 *
 * @throws Error when the host does not run, or its apiserver does not answer.
 */
export function clusterUid(lab: TestLab, master: string): Promise<string> {
  return kubectlFromBelow(
    lab,
    master,
  )(...["get", "namespace", "kube-system", "-o", "jsonpath={.metadata.uid}"]);
}
