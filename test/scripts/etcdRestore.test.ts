import { createHash } from "node:crypto";
import { join } from "node:path";
import { SnapshotHost } from "./support/snapshotHost";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

class Member extends SnapshotHost {
  act(act: string, settings: Record<string, string | number> = {}) {
    return this.script("etcd-restore.sh", {
      ...{
        ACT: act,
        DATA_DIR: join(this.root, "data"),
        BYTES: 100,
        SHA256: sha256("data\n"),
        IDENTITY: '""',
      },
      ...{
        MEMBER_NAME: "e1",
        MEMBER_ADDRESS: "10.0.0.1",
        TOKEN: "prod-r1",
        RUN: "r1",
        REVISION: 1007,
        API_PORT: 6443,
      },
      MEMBERS: "(e1=https://10.0.0.1:2380 e2=https://10.0.0.2:2380)",
      ...settings,
    });
  }

  must(...acts: string[]): void {
    for (const act of acts) expect({ act, ...this.act(act) }).toMatchObject({ act, status: 0 });
  }

  /** With the snapshot on it. */
  received(content = "data\n"): this {
    this.must("receive");
    this.write("data/restore/snapshot.db", content);
    return this;
  }
}

test("a member's data is made of the snapshot, as one of another cluster, and takes the place of what was there", () => {
  const member = new Member().received();
  member.must("prepare");
  expect(member.read("restores")).toContain(
    `--name e1 --initial-cluster e1=https://10.0.0.1:2380,e2=https://10.0.0.2:2380 --initial-cluster-token prod-r1 ` +
      `--initial-advertise-peer-urls https://10.0.0.1:2380 --bump-revision 1000 --mark-compacted`,
  );
  expect(member.read("data/member/snap/db")).toBe("former\n");
  member.must("stop", "exchange");
  expect(member.list("running")).toEqual([]);
  expect(member.read("data/member/snap/db")).toBe("data\n");
  expect(member.read("data/before-r1/member/snap/db")).toBe("former\n");
  expect(member.list("data")).toEqual(["before-r1", "member"]);
  member.must("start");
  expect(member.list("running")).toEqual(["etcd", "kube-apiserver", "kubelet"]);
});

test("each act may be run again", () => {
  const member = new Member().received();
  member.must("prepare", "prepare", "stop", "stop", "exchange", "start", "start");
  expect(member.read("data/member/snap/db")).toBe("data\n");
});

test("the timer of snapshots rests meanwhile, if it is on", () => {
  const member = new Member().received();
  member.write("enabled", "");
  member.must("prepare", "stop", "exchange", "start");
  expect(member.read("systemctl").split("\n").slice(0, -1)).toEqual([
    "stop kubernetes-ha-etcd-snapshot.timer kubernetes-ha-etcd-snapshot.service",
    "stop kubelet",
    "start kubelet",
    "--quiet is-enabled kubernetes-ha-etcd-snapshot.timer",
    "start kubernetes-ha-etcd-snapshot.timer",
  ]);
});

test.each([
  ["another file than was kept", "dota\n", {}, "the snapshot is damaged: its SHA-256 is"],
  [
    "a file that etcd refuses",
    "BROKEN\n",
    { SHA256: sha256("BROKEN\n") },
    "the snapshot cannot be restored",
  ],
])("%s is refused, and nothing is touched", (_, content, settings, why) => {
  const member = new Member().received(content);
  const { status, stderr } = member.act("prepare", settings);
  expect(status).not.toBe(0);
  expect(stderr).toContain(why);
  expect(member.list("running")).toHaveLength(3);
  expect(member.read("data/member/snap/db")).toBe("former\n");
  member.must("forget");
  expect(member.list("data")).toEqual(["member"]);
});

test("a sealed snapshot is opened with what is on no disk", () => {
  const member = new Member();
  member.must("receive");
  member.write("data/restore/snapshot.sealed", "sealed");
  member.write(
    "bin/age",
    '#!/usr/bin/env bash\nidentity=$(cat "$3")\n[[ $identity == AGE-KEY ]] && echo data | gzip\n',
  );
  const opened = { SHA256: '""', IDENTITY: "AGE-KEY" };
  expect(member.act("prepare", { ...opened, IDENTITY: "OTHER" }).stderr).toContain(
    "the snapshot is damaged, or sealed for somebody else",
  );
  expect(member.act("prepare", opened)).toMatchObject({ status: 0 });
  expect(member.read("data/restore/made/member/snap/db")).toBe("data\n");
  expect(member.read("params")).toBe("");
});

test("a disk that serves is not filled up", () => {
  const { status, stderr } = new Member().act("receive", { BYTES: 500 });
  expect(status).not.toBe(0);
  expect(stderr).toContain("no room in");
});

test("data is not exchanged under an etcd that runs, nor against nothing", () => {
  const member = new Member().received();
  member.must("prepare");
  expect(member.act("exchange").stderr).toContain("etcd runs");
  member.must("stop", "forget");
  expect(member.act("exchange").stderr).toContain("there is nothing to restore");
  expect(member.read("data/member/snap/db")).toBe("former\n");
});
