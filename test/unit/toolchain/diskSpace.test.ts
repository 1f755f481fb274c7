import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { diskSpace, needed, spaceNow } from "../../../toolchain/diskSpace";

const gibibytes = 2 ** 30;
const space = (free: number, total: number, isSetUp = false): ReturnType<typeof diskSpace> =>
  diskSpace({ directory: "/cache", free: free * gibibytes, total: total * gibibytes, isSetUp });

test("24 GiB free of 252: not enough to build in, enough for hosts; both are said in bytes, with how full it is", () => {
  expect(space(24, 252)).toEqual({
    name: "disk space",
    ok: false,
    found: "24 GiB free of 252 (90 % used) at /cache",
    need: `>= ${needed.setUp + needed.lab} GiB free: ${needed.setUp} to set up, ${needed.lab} for the hosts of a lab`,
    fix: expect.stringMatching(/^free 4 GiB more, or set KUBERNETES_HA_CACHE/) as string,
  });
  expect(space(24, 252, true)).toMatchObject({
    ok: true,
    need: `>= ${needed.lab} GiB free: ${needed.lab} for the hosts of a lab`,
  });
});

test.each([
  [needed.lab, 1000, true, true],
  [needed.lab - 0.1, 20, true, false],
  [needed.setUp + needed.lab, 1000, false, true],
  [needed.setUp, 40, false, false],
])("%p GiB free of %p, set up %p: %p", (free, total, isSetUp, ok) => {
  expect(space(free, total, isSetUp).ok).toBe(ok);
});

test("is measured where caches and labs are, which need not be there yet", () => {
  const dir = mkdtempSync(join(tmpdir(), "space-"));
  try {
    const now = spaceNow(true, join(dir, "cache"));
    expect(now.free).toBeGreaterThan(0);
    expect(now.total).toBeGreaterThanOrEqual(now.free);
  } finally {
    rmSync(dir, { recursive: true });
  }
});
