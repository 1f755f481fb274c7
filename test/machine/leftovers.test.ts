import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { loopDevices } from "../../lab/hosts/disks";
import { describeInventory, inventory } from "../../lab/hosts/inventory";
import { LeftoversError, sweep } from "../../lab/hosts/leftovers";
import { ensureNamespaces } from "../../lab/hosts/namespaces";
import { labIdentity } from "../../lab/identity";
import { Lab } from "../../lab/lab";
import { must, run } from "../../lab/process";
import { waitFor } from "../../lab/wait";

const { id } = labIdentity(undefined, "leftovers-test");
const foreign = "not-of-a-lab";
const mountinfo = (): string => readFileSync("/proc/self/mountinfo", "utf8");
const namespaces = { operatorNetns: `${id}-op`, fabricNetns: `${id}-vpc` };
let labDir: string;
let before: string;
/** Whether /run/netns was already bound over itself, by whoever: then it is theirs to end it. */
let bound: boolean;
const others: ChildProcess[] = [];

/** A program of somebody else that keeps a copy of all mounts of now. */
async function copyMounts(): Promise<ChildProcess> {
  const child = spawn("unshare", ["--mount", "sh", "-c", "echo there; exec sleep 600"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  others.push(child);
  await new Promise((there) => child.stdout.once("data", there));
  return child;
}

beforeEach(() => {
  bound = / \/run\/netns /.test(mountinfo());
  before = mountinfo();
  labDir = mkdtempSync(join(tmpdir(), "leftovers-"));
});

afterEach(async () => {
  for (const child of others.splice(0)) child.kill("SIGKILL");
  await run(["ip", "netns", "del", foreign]);
  await waitFor({ what: "the sweep of what a test left", deadlineSeconds: 30 }, () =>
    sweep(id, { labDir }),
  );
  rmSync(labDir, { recursive: true });
  if (!bound) await run(["umount", "/run/netns"]);
  if (!bound) await run(["rmdir", "/run/netns"]);
});

describe("a lab's network namespaces", () => {
  test("go away though another program's `ip netns add` has mounted /run/netns over itself, and nothing of the other's does", async () => {
    await ensureNamespaces(namespaces);
    await must(["ip", "netns", "add", foreign]);
    const found = await sweep(id, { labDir });
    expect(found).toContain(`network namespace ${id}-op`);
    expect(describeInventory(inventory(id, labDir))).toEqual([]);
    expect(mountinfo()).not.toContain(id);
    expect((await run(["ip", "netns", "exec", foreign, "true"])).code).toBe(0);
    expect(await sweep(id, { labDir })).toEqual([]);
  }, 120_000);

  test("can be made again beside the other's, and go again", async () => {
    await ensureNamespaces(namespaces);
    await must(["ip", "netns", "add", foreign]);
    await sweep(id, { labDir });
    await ensureNamespaces(namespaces);
    await sweep(id, { labDir });
    expect(mountinfo()).not.toContain(id);
  }, 120_000);

  test("go away while another program holds a copy of the mounts", async () => {
    await ensureNamespaces(namespaces);
    await copyMounts();
    await sweep(id, { labDir });
    expect(mountinfo()).toBe(before);
  }, 120_000);

  test("go away when nothing is left of them but their names", async () => {
    mkdirSync("/run/netns", { recursive: true });
    writeFileSync(`/run/netns/${id}-vpc`, "");
    expect(await sweep(id, { labDir })).toEqual([`network namespace ${id}-vpc`]);
    expect(existsSync(`/run/netns/${id}-vpc`)).toBe(false);
  }, 120_000);
});

describe("what cannot be removed", () => {
  /** A mounted disk of the lab that another program still has mounted: its loop device is busy as long as that program lives. */
  async function heldDisk(dir: string): Promise<{ holder: ChildProcess; file: string }> {
    mkdirSync(join(dir, "disks"), { recursive: true });
    mkdirSync(join(dir, "hosts", "mounted"), { recursive: true });
    const file = join(dir, "disks", "disk-held.img");
    await must(["truncate", "-s", "16M", file]);
    await must(["mkfs.ext4", "-q", file]);
    await must(["mount", "-o", "loop", file, join(dir, "hosts", "mounted")]);
    return { holder: await copyMounts(), file };
  }

  test("is told with who holds it and what to do, all else goes, and it goes later", async () => {
    await ensureNamespaces(namespaces);
    const { holder, file } = await heldDisk(labDir);
    const failure: unknown = await sweep(id, { labDir }).catch((error: unknown) => error);
    if (!(failure instanceof LeftoversError)) throw new Error("a held disk was swept");
    expect(
      failure.remaining.map(({ what, inTheWay }) => [what.split(" on ")[1], inTheWay]),
    ).toEqual([[file, false]]);
    expect(failure.message).toContain(`process ${holder.pid ?? 0}`);
    expect(failure.message).toContain("it goes when it is unmounted everywhere");
    expect(mountinfo()).toBe(before);
    expect(existsSync(file)).toBe(false);
    holder.kill("SIGKILL");
    await waitFor({ what: "the loop device to be free", deadlineSeconds: 60 }, () =>
      Promise.resolve(loopDevices().some((each) => each.file === file) ? undefined : true),
    );
    expect(await sweep(id, { labDir })).toEqual([]);
  }, 120_000);

  test("of one lab does not stop another from starting: it goes on to what it needs itself", async () => {
    // A cache of its own, so that no lab of this machine is looked at.
    const cache = process.env["KUBERNETES_HA_CACHE"];
    process.env["KUBERNETES_HA_CACHE"] = labDir;
    const lab = new Lab(labIdentity(undefined, "leftovers"));
    const said: string[] = [];
    const stderr = jest
      .spyOn(process.stderr, "write")
      .mockImplementation((text) => said.push(String(text)) > 0);
    try {
      const labs = dirname(lab.identity.dir);
      const record = (name: string, text: string): void => {
        mkdirSync(join(labs, name), { recursive: true });
        writeFileSync(join(labs, name, "lab.json"), text);
      };
      record(id, JSON.stringify({ checkout: "/gone" }));
      await heldDisk(join(labs, id));
      record("khatorn", '{"checkout": "/go');
      record("lost+found", JSON.stringify({ checkout: "/gone" }));
      record("khawhole", JSON.stringify({ checkout: "/gone" }));
      await lab
        .start({
          inventory: { hosts: [] } as never,
          publicRange: "198.18.0.0/24",
        })
        .catch((error: unknown) => said.push(`start: ${String(error)}`));
      // The daemon has no physical hosts and ends at once: by then all before it has been passed.
      expect(existsSync(join(lab.identity.dir, "daemon.log"))).toBe(true);
      expect(existsSync(join(labs, "khawhole"))).toBe(false);
      for (const stays of [id, "khatorn", "lost+found"])
        expect(said.join("")).toContain(`${join(labs, stays)} stays`);
    } finally {
      stderr.mockRestore();
      await lab.down();
      others.splice(0).forEach((child) => child.kill("SIGKILL"));
      if (cache === undefined) delete process.env["KUBERNETES_HA_CACHE"];
      else process.env["KUBERNETES_HA_CACHE"] = cache;
    }
  }, 180_000);
});
