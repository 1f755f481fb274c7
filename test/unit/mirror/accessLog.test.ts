import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AccessLog, formatEntry, parseEntry, readAccessLog } from "../../../mirror/accessLog";

const entry = {
  client: "10.0.1.5",
  time: new Date("2026-11-21T11:07:45Z"),
  method: "GET",
  path: "/apt/./runc_1.1.5%2bds1-1_amd64.deb",
  status: 206,
  bytes: 2709960,
  agent: "Debian APT-HTTP/1.3 (2.6.1)",
};

describe("access log", () => {
  test("an entry survives being written and read", () => {
    expect(parseEntry(formatEntry(entry).trimEnd())).toEqual(entry);
  });

  test("the registry's own lines are read too", () => {
    const line =
      '10.0.1.5:43210 - - [21/Nov/2026:11:07:45 +0000] "GET /v2/kubernetes-ha/pause/manifests/3.10.2 HTTP/1.1" 200 399 "" "containerd/v2.4.2"';
    expect(parseEntry(line)).toMatchObject({
      client: "10.0.1.5",
      path: "/v2/kubernetes-ha/pause/manifests/3.10.2",
      agent: "containerd/v2.4.2",
    });
  });

  test("a quote in an agent cannot forge a line", () => {
    const forged = formatEntry({ ...entry, agent: 'x"\n10.9.9.9 - - "' });
    expect(forged.trimEnd().split("\n")).toHaveLength(1);
    expect(parseEntry(forged.trimEnd())?.client).toBe("10.0.1.5");
  });

  test("other lines are no requests", () => {
    expect(parseEntry("registry: listening")).toBeUndefined();
  });

  test("a file is appended to and read whole; an absent one is empty", async () => {
    const directory = await mkdtemp(join(tmpdir(), "access-log-"));
    const file = join(directory, "log");
    expect(await readAccessLog(file)).toEqual([]);
    for (const bytes of [1, 2]) {
      const log = new AccessLog(file);
      log.write({ ...entry, bytes });
      await log.close();
    }
    expect((await readAccessLog(file)).map(({ bytes }) => bytes)).toEqual([1, 2]);
    await rm(directory, { recursive: true });
  });
});
