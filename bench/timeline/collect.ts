import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import type { RequestEntry } from "../../lab/cloud/requestLog";
import type { Engine } from "../../lab/engine";
import { parseEvents } from "../../lab/engineEvents";
import type { LabIdentity } from "../../lab/identity";
import type { Operator } from "../../lab/operator";
import {
  type ActionCalls,
  callsByAction,
  type KubernetesObjects,
  type Moment,
  momentsOfEngine,
  momentsOfHost,
  momentsOfNodes,
} from "./moments";

/** One run, from nothing to a cluster. */
export interface Run {
  /** Milliseconds since 1970. */
  began: number;
  /** To a tenth. */
  seconds: number;
  /** Seconds that the machine's processors were busy meanwhile, all of them together. */
  busySeconds: number;
  moments: Moment[];
}

/** Runs `work` and tells how long it took; its moments are collected afterwards. */
export async function timed(work: () => Promise<unknown>): Promise<Run> {
  const [began, busy] = [Date.now(), busyMs()];
  await work();
  return {
    began,
    seconds: Math.round((Date.now() - began) / 100) / 10,
    busySeconds: Math.round((busyMs() - busy) / 1000),
    moments: [],
  };
}

const busyMs = (): number =>
  cpus().reduce((sum, { times: { user, nice, sys, irq } }) => sum + user + nice + sys + irq, 0);

/** Printed by a host: when it booted, when sshd answered, who logged in, and its steps' logs. */
const report = `
at() { date -d "$(systemctl show --timestamp=us+utc --value --property "$@")" +%s.%3N; }
echo "$(at UserspaceTimestamp) booted"
echo "$(at ActiveEnterTimestamp ssh) sshd runs"
stat -c '%.3Y scripts copied' kubernetes-ha-scripts.tar
sudo journalctl --quiet --boot --unit ssh --output short-unix |
  sed -n 's/^\\([0-9.]*\\) .*Accepted publickey for .*/\\1 login/p'
sudo sh -c 'cd /var/log/kubernetes-ha && for log in *.log; do
  stat -c "=== \${log%.log} %.3Y" "$log"; cat "$log"; done'
`;

/** What the hosts of a living cluster, and the cluster itself, tell of how they came to be. */
export async function momentsOfCluster(operator: Operator): Promise<Moment[]> {
  const hosts = await Promise.all(
    operator.outputs.nodes.map(async ({ name }) => {
      const { code, stdout, stderr } = await operator.ssh(name, ["bash", "-s"], { input: report });
      if (code !== 0) throw new Error(`${name} tells nothing of its start: ${stderr}`);
      return momentsOfHost(name, stdout);
    }),
  );
  const { stdout } = await operator.kubectl(["get", "nodes,pods", "-A", "-o", "json"]);
  return [...hosts.flat(), ...momentsOfNodes(JSON.parse(stdout) as KubernetesObjects)];
}

/** What the engine's event log tells of its last `up`. */
export function momentsOfUp(engine: Engine, operator: Operator): Moment[] {
  const hosts = operator.outputs.nodes.map(({ name }) => name);
  return momentsOfEngine(parseEvents(readFileSync(engine.eventLog, "utf8")), hosts);
}

/** Calls that the lab's cloud was asked. */
export function callsOf({ dir }: LabIdentity): ActionCalls[] {
  const lines = readFileSync(join(dir, "cloud", "requests.jsonl"), "utf8")
    .trimEnd()
    .split("\n");
  return callsByAction(lines.map((line) => JSON.parse(line) as RequestEntry));
}
