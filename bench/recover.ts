import type { HostPlan } from "../components/plan/cluster";
import { loseData } from "../drills/quorum";
import { waitFor } from "../lab/wait";
import { Edits, madeAnew } from "../test/support/edits";
import { etcdctl } from "../test/support/etcdctl";
import { machineAnew } from "../test/support/interruption";
import { TestLab } from "../test/support/lab";
import { seconds } from "./lab";

/** Who is made anew, by the figure it gives. */
const roles = {
  etcdMemberSeconds: "etcd-1",
  masterSeconds: "master-1",
  workerSeconds: "worker-1",
} as const;

/**
 * How soon all is as before: a member whose machine is dead for good, from when its new machine exists until it serves; and etcd whose quorum has lost
 * its data, from the order to restore a snapshot until the API serves what was in it.
 */
export async function recover(): Promise<Record<string, unknown>> {
  const lab = new TestLab("bench-recover");
  const edits = new Edits(lab);
  await lab.must("down");
  try {
    await edits.up();
    const measured: Record<string, number> = {};
    for (const [figure, host] of Object.entries(roles))
      measured[figure] = await secondsAnew(lab, edits, host);
    return { ...measured, quorumRestoreSeconds: await restored(lab, edits) };
  } finally {
    await lab.must("down");
  }
}

/** Seconds from when a host has another machine until it serves. @throws Error with the output when `up` fails. */
async function secondsAnew(lab: TestLab, edits: Edits, host: string): Promise<number> {
  const plan = edits.host(`lab-${host}`);
  const { name } = plan;
  const isAnew = machineAnew(name, await edits.kill(name));
  let ended = false;
  const up = edits.up(madeAnew(host)).finally(() => (ended = true));
  // It is awaited below: meanwhile its end ends the waits, as it comes after all that they wait for, or in their place.
  up.catch(() => undefined);
  const when = (what: string, look: () => Promise<boolean>): Promise<number> =>
    waitFor({ what, deadlineSeconds: 1200 }, async () =>
      ended || (await look()) ? performance.now() : undefined,
    );
  const exists = await when(`a new machine of ${name}`, () => isAnew.come(lab));
  const serves = await when(`${name} to serve`, () => isServing(lab, plan));
  await up;
  return Math.round((serves - exists) / 100) / 10;
}

/** @throws Error with what a member of etcd or an apiserver said that does not serve. */
async function isServing(lab: TestLab, { name, address, role }: HostPlan): Promise<boolean> {
  if (role === "etcd") {
    await etcdctl(lab, "lab-etcd-2", "endpoint health", `https://${address}:2379`);
    return true;
  }
  if (role === "master") {
    const url = `https://${address}:6443/readyz`;
    await lab.onHost("lab-master-2", `curl --silent --fail --insecure --max-time 2 ${url}`);
  }
  const path = `jsonpath={.status.conditions[?(@.type=="Ready")].status}`;
  return (await lab.kubectl("get", "node", name, "--ignore-not-found", "-o", path)) === "True";
}

async function restored(lab: TestLab, { plan }: Edits): Promise<number> {
  const [first, second, third] = plan.etcd.map(({ name }) => name) as [string, string, string];
  await lab.kubectl("create", "configmap", "before");
  await lab.onHost(second, "systemctl start kubernetes-ha-etcd-snapshot");
  await loseData(lab, [first, third]);
  return seconds(async () => {
    await lab.must("restore", "--snapshot", "latest", "--yes");
    await lab.kubectl("get", "configmap", "before");
  });
}
