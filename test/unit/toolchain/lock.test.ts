import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { withLock } from "../../../toolchain/lock";

let directory: string;
let file: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "kha-lock-"));
  file = join(directory, "deep", "name.lock");
});

afterEach(() => rmSync(directory, { recursive: true }));

test("one at a time, in some order, and each is told that it waits", async () => {
  let inside = 0;
  const waited: number[] = [];
  const done = await Promise.all(
    [1, 2, 3].map((id) =>
      withLock(
        file,
        async () => {
          expect(++inside).toBe(1);
          await new Promise((resolve) => setTimeout(resolve, 30));
          inside--;
          return id;
        },
        { waiting: () => waited.push(id) },
      ),
    ),
  );
  expect(done).toEqual([1, 2, 3]);
  expect(waited).toHaveLength(2);
});

test("a failure inside is passed on and frees the lock", async () => {
  await expect(withLock(file, () => Promise.reject(new Error("inside")))).rejects.toThrow("inside");
  await expect(withLock(file, () => Promise.resolve("free"))).resolves.toBe("free");
});

test("waiting has an end, and says whom to ask", async () => {
  await withLock(file, async () => {
    await expect(withLock(file, () => Promise.resolve(), { timeoutSeconds: 1 })).rejects.toThrow(
      /still holds .*name\.lock after 1 s.*fuser/,
    );
  });
});

test("the lock of a killed process is free at once", async () => {
  await withLock(file, () => Promise.resolve()); // makes the directory
  // What withLock starts, held by a process that we kill the hard way.
  const script = `const { spawn } = require("node:child_process");
    const holder = spawn("flock", [${JSON.stringify(file)}, "sh", "-c", "echo held; exec cat"], { stdio: ["pipe", "pipe", "inherit"], detached: true });
    holder.stdout.once("data", () => process.stdout.write("held"));
    setTimeout(() => {}, 60000);`;
  const owner = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  await once(owner.stdout, "data");
  owner.kill("SIGKILL");
  await expect(withLock(file, () => Promise.resolve("free"), { timeoutSeconds: 5 })).resolves.toBe(
    "free",
  );
});
