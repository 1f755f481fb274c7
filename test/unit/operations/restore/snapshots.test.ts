import { Hosts } from "../../../../operations/restore/hosts";
import { keptSnapshots, parseKept } from "../../../../operations/restore/snapshots";

const line = (name: string) =>
  `${name} 4096 ab {"hash":1,"revision":7,"totalKey":3,"totalSize":4096,"version":"3.7.0"}\n`;
const first = "etcd-20261126T134400Z-prod-etcd-1.db";
const second = "etcd-20261126T140400Z-prod-etcd-2.db";

test("a member's snapshots are read with when they were taken and what they hold", () => {
  expect(parseKept("prod-etcd-1", line(first))).toEqual([
    {
      ...{ name: first, host: "prod-etcd-1", path: `/var/lib/kubernetes-ha/snapshots/${first}` },
      ...{ time: "2026-11-26T13:44:00Z", bytes: 4096, sha256: "ab", revision: 7, keys: 3 },
    },
  ]);
  expect(parseKept("prod-etcd-1", "")).toEqual([]);
});

test("the newest of all members is first, and who cannot be asked is told", async () => {
  const told: Record<string, string> = { "prod-etcd-1": line(first), "prod-etcd-2": line(second) };
  const hosts = new Hosts("/access", (command) => {
    const said = told[command[3] ?? ""];
    return Promise.resolve({
      code: said === undefined ? 255 : 0,
      stdout: said ?? "",
      stderr: "no route",
    });
  });
  const { snapshots, silent } = await keptSnapshots(hosts, [
    "prod-etcd-1",
    "prod-etcd-2",
    "prod-etcd-3",
  ]);
  expect(snapshots.map(({ name }) => name)).toEqual([second, first]);
  expect(silent).toEqual(["prod-etcd-3: no route"]);
});
