import { Edits, madeAnew } from "../support/edits";
import { TestLab } from "../support/lab";

// One story on one cluster: a pool whose workers have a disk and a script of their own and are spot instances. Each chapter needs the one before it.
jest.setTimeout(40 * 60_000);

const lab = new TestLab("day2-machines");
const edits = new Edits(lab);
/** It never leaves. */
const writer = "lab-worker-2";
const change = (what: string, edit: Parameters<Edits["up"]>[0] & object): Promise<void> =>
  edits.change(what, writer, edit);
const worker = "lab-own-1";
const containers = "/var/lib/containerd";

beforeAll(async () => {
  await lab.must("down");
  await edits.up(({ workers }) =>
    workers.push({
      ...{ pool: "own", members: 1, instanceType: "S5.MEDIUM4", addressBlock: 2 },
      dataDisk: { sizeGiB: 20 },
      charge: { kind: "spot", maxPrice: "1" },
      firstBootScript: "#!/bin/bash\necho ran >>/var/tmp/own-script\n",
    }),
  );
});
afterAll(async () => {
  if (!process.env["KEEP_LAB"]) await lab.must("down");
});

/** GiB of the file system that has a directory on the worker, and whether it is the data disk's. */
async function disk(): Promise<{ gib: number; own: boolean }> {
  const said = await lab.onHost(worker, `df --output=size,target -B1 ${containers} | tail -1`);
  const [size, target] = said.trim().split(/\s+/);
  return { gib: Math.ceil(Number(size) / 2 ** 30), own: target === containers };
}

/** Id of the machine, and of the file system on its disk. */
async function identities(): Promise<{ machine: string; fileSystem: string }> {
  const machine = (await lab.admin.placement()).find(({ name }) => name === worker)?.instanceId;
  const fileSystem = await lab.onHost(
    worker,
    `findmnt --noheadings --output UUID --mountpoint ${containers} | tail -1`,
  );
  return { machine: machine ?? "", fileSystem: fileSystem.trim() };
}

test("a worker has run its pool's script before it joined, and its images are on its own disk", async () => {
  expect(await disk()).toEqual({ gib: 20, own: true });
  expect(await lab.onHost(worker, "cat /var/tmp/own-script")).toBe("ran\n");
  const images = await lab.onHost(worker, "ctr --namespace k8s.io images list --quiet | wc -l");
  expect(Number(images)).toBeGreaterThan(2);
});

test("its disk grows while its pods run", async () => {
  const containersBefore = await lab.onHost(worker, "pgrep -f containerd-shim | sort");
  await change("a data disk of 20 GiB -> 40", ({ workers }) =>
    Object.assign(workers.at(-1) ?? {}, { dataDisk: { sizeGiB: 40 } }),
  );
  expect(await disk()).toEqual({ gib: 40, own: true });
  expect(await lab.onHost(worker, "pgrep -f containerd-shim | sort")).toBe(containersBefore);
});

test("it is made anew with its disk, and what containerd had there keeps no pod from it", async () => {
  const before = await identities();
  await change("a worker with a data disk made anew", madeAnew("own-1"));
  const after = await identities();
  expect(after.machine).not.toBe(before.machine);
  expect(after.fileSystem).toBe(before.fileSystem);
});

test("taken back by the cloud, it is found gone and ordered again", async () => {
  const before = await identities();
  await lab.admin.instance(before.machine, "reclaim");
  await lab.must("pulumi", "up", "--yes", "--skip-preview", "--refresh");
  await change("after a spot instance was taken back", () => undefined);
  const after = await identities();
  expect(after.machine).not.toBe(before.machine);
  expect(after.fileSystem).toBe(before.fileSystem);
});
