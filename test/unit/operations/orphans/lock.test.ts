import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import {
  describeLock,
  fileBackendDirectory,
  holderState,
  readLocks,
  type StackLock,
} from "../../../../operations/orphans/lock";

const lock: StackLock = {
  pid: 4711,
  username: "ann",
  hostname: "deploy-1",
  timestamp: "2026-01-02T03:04:05Z",
};

describe("locks of a file backend", () => {
  let directory: string;
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), "kha-locks-"))));
  afterEach(() => rmSync(directory, { recursive: true }));

  test("are those of the stack that is asked for, whole", () => {
    const locks = join(directory, ".pulumi/locks/organization/project");
    for (const stack of ["prod", "staging"]) mkdirSync(join(locks, stack), { recursive: true });
    writeFileSync(join(locks, "prod", "a-uuid.json"), JSON.stringify(lock));
    writeFileSync(join(locks, "staging", "b.json"), JSON.stringify({ ...lock, pid: 1 }));
    expect(readLocks(directory, "project", "prod")).toEqual([lock]);
    expect(readLocks(directory, "project", "never-locked")).toEqual([]);
    expect(describeLock(lock)).toBe("ann@deploy-1 (pid 4711) since 2026-01-02T03:04:05Z");
  });

  test.each([
    ["file:///srv/state", "/srv/state"],
    ["file://~", homedir()],
    ["file://~/state", join(homedir(), "state")],
    ["https://api.pulumi.com", undefined],
    ["s3://bucket/state", undefined],
  ])("%s is kept in %s", (url, expected) => {
    expect(fileBackendDirectory(url)).toBe(expected);
  });
});

describe("the holder of a lock", () => {
  test.each([
    ["its engine runs", "deploy-1", "pulumi", "alive"],
    ["its pid is nobody's", "deploy-1", undefined, "dead"],
    ["its pid is somebody else's by now", "deploy-1", "bash", "dead"],
    ["it runs on another machine, whatever has its pid here", "laptop", "pulumi", "elsewhere"],
  ])("%s", (_, host, name, expected) => {
    const names = (pid: number): string | undefined => (pid === 4711 ? name : "init");
    expect(holderState(lock, host, names)).toBe(expected);
  });

  test("that is this machine's own process is looked up in /proc", () => {
    expect(holderState({ ...lock, pid: process.pid }, "deploy-1")).toBe("dead");
  });
});
