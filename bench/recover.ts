import { loseData } from "../drills/quorum";
import { waitFor } from "../lab/wait";
import { Edits, etcdctl } from "../test/support/edits";
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
      measured[figure] = await madeAnew(lab, edits, host);
    return { ...measured, quorumRestoreSeconds: await restored(lab, edits) };
  } finally {
    await lab.must("down");
  }
}

async function madeAnew(lab: TestLab, edits: Edits, host: string): Promise<number> {
  const name = `lab-${host}`;
  const former = await edits.kill(name);
  let ended = false;
  const up = edits
    .up((cluster) => {
      cluster.generations = { ...cluster.generations, [host]: 2 };
      cluster.leaving = host.startsWith("worker") ? [] : [host];
    })
    .finally(() => (ended = true));
  // Told by the waits below, or at the end.
  up.catch(() => undefined);
  const every = { deadlineSeconds: 1200, everyMs: 500 };
  const untilUpFails = async <T>(look: Promise<T | undefined>): Promise<T | undefined> => {
    const found = await look;
    if (found === undefined && ended) await up;
    return found;
  };
  const since = await waitFor({ what: `a new machine of ${name}`, ...every }, () =>
    untilUpFails(
      lab.admin
        .placement()
        .then((rows) =>
          rows.some((row) => row.name === name && row.instanceId !== former)
            ? performance.now()
            : undefined,
        ),
    ),
  );
  const took = await waitFor({ what: `${name} to serve`, ...every }, async (seen) => {
    const said = await serving(lab, edits, name);
    seen(said);
    return said === "yes" ? (performance.now() - since) / 1000 : undefined;
  });
  await up;
  return Math.round(took * 10) / 10;
}

/** `yes`, or what keeps a host from serving. */
async function serving(lab: TestLab, edits: Edits, name: string): Promise<string> {
  const { address, role } = edits.host(name);
  const look = { etcd: etcdServes, master: masterServes, worker: nodeReady }[role as string];
  if (look === undefined) throw new Error(`${name} is a ${role}`);
  try {
    return await look(lab, { name, address });
  } catch (error) {
    return String(error);
  }
}

interface Looked {
  name: string;
  address: string;
}

async function etcdServes(lab: TestLab, { address }: Looked): Promise<string> {
  await etcdctl(lab, "lab-etcd-2", "endpoint health", `https://${address}:2379`);
  return "yes";
}

async function masterServes(lab: TestLab, host: Looked): Promise<string> {
  const url = `https://${host.address}:6443/readyz`;
  await lab.onHost("lab-master-2", `curl --silent --fail --insecure --max-time 2 ${url}`);
  return nodeReady(lab, host);
}

async function nodeReady(lab: TestLab, { name }: Looked): Promise<string> {
  const path = `jsonpath={.status.conditions[?(@.type=="Ready")].status}`;
  const status = await lab.kubectl("get", "node", name, "--ignore-not-found", "-o", path);
  return status === "True" ? "yes" : `node ${name} Ready: ${status}`;
}

async function restored(lab: TestLab, { plan }: Edits): Promise<number> {
  const [first, second, third] = plan.etcd.map(({ name }) => name) as [string, string, string];
  await lab.kubectl("create", "configmap", "before");
  await lab.onHost(second, "systemctl start kubernetes-ha-etcd-snapshot");
  await loseData(lab, [first, third]);
  const took = await seconds(async () => {
    await lab.must("restore", "--snapshot", "latest", "--yes");
    await lab.kubectl("get", "configmap", "before");
  });
  return took;
}
