import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { cacheRoot } from "../../lab/identity";
import { ensureContents } from "../../mirror/contents";
import { waitFor } from "../../lab/wait";

const checkout = resolve(__dirname, "../..");

/** The mirror as the lab runs it: a process of its own. */
describe("the mirror's process", () => {
  let scratch: string;
  let contents: string;

  beforeAll(async () => {
    scratch = await mkdtemp(join(tmpdir(), "mirror-process-"));
    const options = { binaries: {}, partial: true, cache: join(scratch, "cache") };
    const packageCache = join(cacheRoot(), "mirror");
    contents = (await ensureContents({ ...options, packageCache })).directory;
  }, 600_000);
  afterAll(() => rm(scratch, { recursive: true, force: true }));

  const start = (address: string): { child: ChildProcess; output: () => string } => {
    const child = spawn(
      process.execPath,
      [
        ...["--import", "tsx", "mirror/main.ts", "--contents", contents],
        ...["--address", address, "--http-port", "0", "--registry-port", "0"],
        ...["--pid-file", join(scratch, "pid")],
      ],
      { cwd: checkout, stdio: ["ignore", "pipe", "pipe"] },
    );
    let text = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => (text += chunk.toString()));
    }
    return { child, output: () => text };
  };

  const started = async (): Promise<ChildProcess> => {
    const { child, output } = start("127.0.0.1");
    await waitFor({ what: "the pid file", deadlineSeconds: 30, everyMs: 50 }, (seen) => {
      seen(output());
      return Promise.resolve(existsSync(join(scratch, "pid")) || undefined);
    });
    return child;
  };

  /** Processes whose program is the registry of these contents. */
  const registries = async (): Promise<string[]> => {
    const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
    const lines = pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => ""));
    return (await Promise.all(lines)).filter((line) => line.startsWith(contents));
  };

  const temporary = async (): Promise<string[]> =>
    (await readdir(tmpdir())).filter((name) => name.startsWith("mirror"));

  const gone = (): Promise<true> =>
    waitFor({ what: "the registry's end", deadlineSeconds: 60, everyMs: 50 }, async (seen) => {
      const left = await registries();
      seen(left.join("; "));
      return left.length === 0 || undefined;
    });

  test("ends cleanly when told to, registry and pid file included", async () => {
    const child = await started();
    expect((await readFile(join(scratch, "pid"), "utf8")).trim()).toBe(String(child.pid));
    expect(await registries()).toHaveLength(1);
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([0, null]);
    expect(await registries()).toEqual([]);
    expect(existsSync(join(scratch, "pid"))).toBe(false);
  }, 120_000);

  test("takes its registry along when it is killed, and leaves no file of its own", async () => {
    const before = await temporary();
    const child = await started();
    child.kill("SIGKILL");
    await once(child, "exit");
    await gone();
    expect(await temporary()).toEqual(before);
    await rm(join(scratch, "pid"));
  }, 120_000);

  test("says what to do when the address is not there", async () => {
    const { child, output } = start("203.0.113.9");
    expect(await once(child, "close")).toEqual([1, null]);
    expect(output()).toMatch(/cannot listen on 203\.0\.113\.9:0 .*network namespace/);
  }, 120_000);
});
