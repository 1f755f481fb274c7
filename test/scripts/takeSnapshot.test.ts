import { utimesSync, rmSync } from "node:fs";
import { join } from "node:path";
import { SnapshotHost } from "./support/snapshotHost";

const metrics = "var/lib/prometheus/node-exporter/kubernetes-ha-etcd-snapshots.prom";

class Member extends SnapshotHost {
  /** One that was kept so many days ago. */
  kept(day: number, age: number): string {
    const name = `etcd-202601${String(day).padStart(2, "0")}T000000Z-e1.db`;
    for (const ending of ["", ".sha256", ".status"]) this.write(`kept/${name}${ending}`, "");
    const time = Date.now() / 1000 - age * 86_400;
    utimesSync(join(this.root, "kept", name), time, time);
    return name;
  }

  take(settings: Record<string, string | number> = {}) {
    return this.script("take-snapshot.sh", {
      ...{ MEMBER_NAME: "e1", MEMBER_ADDRESS: "10.0.0.1", KEEP: 3, KEEP_DAYS: 7 },
      ...{ STORE_URL: '""', STORE_REGION: "ap-guangzhou", STORE_ROLE: "prod-etcd-snapshots" },
      ...{
        RECIPIENT: join(this.root, "recipient"),
        DATA_DIR: join(this.root, "data"),
        DIRECTORY: join(this.root, "kept"),
        ...settings,
      },
    });
  }

  get snapshots(): string[] {
    return this.list("kept").filter((name) => name.endsWith(".db"));
  }

  metric(name: string): number {
    return Number(new RegExp(`^kubernetes_ha_${name} (\\d+)$`, "m").exec(this.read(metrics))?.[1]);
  }
}

test("a snapshot is kept with its checksum and what it holds, once it was restored", () => {
  const member = new Member();
  expect(member.take()).toMatchObject({ status: 0, stderr: "" });
  const [name] = member.snapshots;
  expect(name).toMatch(/^etcd-\d{8}T\d{6}Z-e1\.db$/);
  expect(member.list("kept")).toEqual([name, `${name}.sha256`, `${name}.status`]);
  expect(member.read(`kept/${name}`)).toBe("data\n");
  expect(member.read(`kept/${name}.sha256`)).toMatch(new RegExp(`^[0-9a-f]{64}  ${name}\n$`));
  expect(JSON.parse(member.read(`kept/${name}.status`))).toEqual({ revision: 7, totalKey: 3 });
  expect(member.read("restores")).toContain(`${name} --data-dir`);
  expect(member.metric("etcd_snapshot_failed")).toBe(0);
  expect(member.metric("etcd_snapshots")).toBe(1);
  expect(member.metric("etcd_snapshot_newest_seconds")).toBeGreaterThan(Date.now() / 1000 - 100);
});

test.each([
  [
    "that cannot be restored",
    (member: Member) => member.write("database", "BROKEN\n"),
    "cannot be restored: it is not kept",
  ],
  ["that etcd does not give", (member: Member) => rmSync(join(member.root, "database")), "no etcd"],
])(
  "one %s is not kept, nothing is dropped for it, and whoever watches is told",
  (_, spoil, why) => {
    const member = new Member();
    const names = [member.kept(1, 30), member.kept(2, 29)];
    spoil(member);
    const { status, stderr } = member.take();
    expect(status).not.toBe(0);
    expect(stderr).toContain(why);
    expect(member.snapshots).toEqual(names);
    expect(member.list("kept").filter((name) => name.startsWith("."))).toEqual([]);
    expect(member.metric("etcd_snapshot_failed")).toBe(1);
    expect(member.metric("etcd_snapshots")).toBe(2);
    // The last good one.
    expect(
      Math.round((Date.now() / 1000 - member.metric("etcd_snapshot_newest_seconds")) / 86_400),
    ).toBe(29);
  },
);

test("those too many and those too old go, with what is kept beside them", () => {
  const member = new Member();
  const [, , ...young] = [
    member.kept(1, 9),
    member.kept(2, 8),
    member.kept(3, 2),
    member.kept(4, 1),
    member.kept(5, 0),
  ];
  expect(member.take().status).toBe(0);
  expect(member.snapshots).toHaveLength(3);
  expect(member.snapshots.slice(0, 2)).toEqual(young.slice(1));
  expect(member.list("kept")).toHaveLength(9);
});

test("where the disk has no room the oldest go, and the newest stays", () => {
  const member = new Member();
  const names = [member.kept(1, 2), member.kept(2, 1)];
  member.write("free", "100\n");
  const { status, stderr } = member.take();
  expect(status).not.toBe(0);
  expect(stderr).toContain("no room for a snapshot");
  expect(member.snapshots).toEqual([names[1]]);
  expect(member.metric("etcd_snapshot_failed")).toBe(1);
});

test("what a run that was cut off has left goes with the next", () => {
  const member = new Member();
  member.write("kept/.scratch/etcd-20260101T000000Z-e1.db", "half");
  expect(member.take().status).toBe(0);
  expect(member.list("kept")).toHaveLength(3);
});

describe("with a bucket", () => {
  const url = "https://backups-1250000000.cos.ap-guangzhou.myqcloud.com/prod";
  const store = { STORE_URL: url };
  const withRole = (): Member => {
    const member = new Member();
    const keys = { TmpSecretId: "AKIDtmp", TmpSecretKey: "key", Token: "token", Code: "Success" };
    member.write("keys", JSON.stringify(keys));
    return member;
  };

  test("a snapshot goes there sealed, with the instance's temporary keys, which no argument has", () => {
    const member = withRole();
    expect(member.take(store)).toMatchObject({ status: 0 });
    const [name] = member.snapshots;
    const request = member.read("request");
    expect(request).toContain(`url = "${url}/${name}.gz.age"\n`);
    expect(request).toContain('user = "AKIDtmp:key"\n');
    expect(request).toContain('header = "x-amz-security-token: token"\n');
    expect(request).toMatch(/x-amz-content-sha256: [0-9a-f]{64}"\n/);
    expect(request).toMatch(/Content-MD5: [A-Za-z0-9+/]{22}=="\n/);
    expect(member.read("curl")).not.toMatch(/AKIDtmp|token/);
    expect(member.metric("etcd_snapshot_stored_seconds")).toBeGreaterThan(0);
  });

  test.each([
    [
      "the instance has not the role",
      (member: Member) => rmSync(join(member.root, "keys")),
      "does not have it",
    ],
    ["the storage refuses it", (member: Member) => member.write("refused", ""), "does not take"],
  ])("where %s the snapshot is kept all the same, and that is told", (_, spoil, why) => {
    const member = withRole();
    spoil(member);
    const { status, stderr } = member.take(store);
    expect(status).not.toBe(0);
    expect(stderr).toContain(why);
    expect(member.snapshots).toHaveLength(1);
    expect(member.metric("etcd_snapshot_failed")).toBe(1);
    expect(member.metric("etcd_snapshot_stored_seconds")).toBe(0);
  });
});
