import { imageOf } from "../../../components/plan/images";
import { loseData } from "../../../drills/quorum";
import { askStorage } from "../../../lab/buckets";
import { Engine } from "../../../lab/engine";
import { clusterReady } from "../../../lab/up";
import { waitFor } from "../../../lab/wait";
import type { Edit, Edits } from "../../support/edits";
import { etcdctl } from "../../support/etcdctl";

const bucket = "backups-1300000001";
/** A bucket of the lab's account, which its owner makes. */
export const bucketHost = `${bucket}.cos.ap-guangzhou.myqcloud.com`;
const kept = "/var/lib/kubernetes-ha/snapshots";
const timer = "kubernetes-ha-etcd-snapshot.timer";

/** Members of etcd take snapshots, and put them into that bucket. */
export const keepSnapshots: Edit = (cluster) =>
  Object.assign(cluster.etcd, {
    snapshots: { cos: { bucket, endpoint: "http://cos.ap-guangzhou.myqcloud.com" } },
  });

/** Snapshots are taken, kept and refused where they are damaged; a quorum that has lost its data has it back, and a cluster that serves goes back to one. */
export function dataComesBack(edits: Edits, members: readonly [string, string, string]): void {
  const { lab } = edits;
  const [first, second, third] = members;

  const storage = (key: string) => askStorage(lab.identity, "GET", bucketHost, key);

  const snapshot = async (host: string): Promise<string> => {
    await lab.onHost(host, "systemctl start kubernetes-ha-etcd-snapshot");
    return (await lab.onHost(host, `ls ${kept} | grep '\\.db$' | tail -n 1`)).trim();
  };
  const runningEtcds = () =>
    Promise.all(members.map((host) => lab.onHost(host, "pgrep -x etcd || echo none")));
  const configMaps = async () =>
    (await lab.kubectl("get", "configmaps", "-o", "name"))
      .split("\n")
      .filter((name) => name.includes("written-"))
      .sort();
  const write = (name: string) => lab.kubectl("create", "configmap", name);

  const revision = async () =>
    Number(/"revision":(\d+)/.exec(await etcdctl(lab, first, "endpoint status -w json"))?.[1]);

  /** Of every member's timer. */
  const timers = (command: string) =>
    Promise.all(members.map((host) => lab.onHost(host, `systemctl ${command} ${timer}`)));

  /** When the timer of each member fires next, in minutes of the hour. */
  const turns = async (): Promise<number[]> =>
    (await timers("show -P NextElapseUSecRealtime")).map((time) =>
      Number(/:(\d\d):\d\d/.exec(time)?.[1]),
    );

  let before: string;
  let last: string;

  test("members take snapshots in turn, and each proves that its own can be restored", async () => {
    expect(await turns()).toEqual([0, 20, 40]);
    // Which one is the newest is this story's to say, at whatever time of day it is told.
    await timers("stop");
    await write("written-first");
    before = await snapshot(first);
    await write("written-second");
    last = await snapshot(second);
    await write("written-third");
    await lab.kubectl("delete", "configmap", "written-first");
    const list = await lab.must("restore");
    expect(list).toContain(before);
    expect(list.indexOf(last)).toBeLessThan(list.indexOf(before));
    for (const host of [first, second])
      expect(await lab.onHost(host, "cat /var/lib/prometheus/node-exporter/*.prom")).toContain(
        "kubernetes_ha_etcd_snapshot_failed 0\n",
      );
  });

  test("each is in the object storage as well, sealed, put there by a role that can do nothing else", async () => {
    expect(await lab.must("restore", "--cos")).toContain(`${last}.gz.age`);
    const { status, body } = await storage(`${edits.plan.name}/${last}.gz.age`);
    expect(status).toBe(200);
    expect(body.toString("latin1", 0, 21)).toBe("age-encryption.org/v1");
    const told = await lab.onHost(
      second,
      `role=$(curl -sf http://metadata.tencentyun.com/latest/meta-data/cam/security-credentials/)
    keys=$(curl -sf "http://metadata.tencentyun.com/latest/meta-data/cam/security-credentials/$role")
    of() { python3 -c 'import json, sys; print(json.loads(sys.argv[1])[sys.argv[2]])' "$keys" "$1"; }
    curl -s -o /dev/null -w '%{http_code}' --aws-sigv4 aws:amz:ap-guangzhou:s3 --user "$(of TmpSecretId):$(of TmpSecretKey)" -H "x-amz-security-token: $(of Token)" \
      http://${bucket}.cos.ap-guangzhou.myqcloud.com/${edits.plan.name}/${last}.gz.age
    grep -rl AGE-SECRET-KEY /etc /var/lib/kubernetes-ha /run/kubernetes-ha || true`,
    );
    // Nor is what opens them anywhere on the host.
    expect(told).toBe("403");
  });

  test("a storage that does not answer costs no snapshot, and is told", async () => {
    const metrics = () =>
      lab.onHost(third, "cat /var/lib/prometheus/node-exporter/*.prom 2>/dev/null || true");
    const stored = async () =>
      /^kubernetes_ha_etcd_snapshot_stored_seconds .*$/m.exec(await metrics())?.[0];
    await lab.onHost(third, `rm -f ${kept}/*`);
    const had = await stored();
    // A refusal that comes while the body is still being sent may look like a storage that is away, which is asked again.
    await lab.admin.failAction({ action: "PutObject", code: "AccessDenied", times: 10 });
    await expect(
      lab.onHost(third, "systemctl start kubernetes-ha-etcd-snapshot"),
    ).rejects.toThrow();
    expect(await lab.onHost(third, `ls ${kept} | grep -c 'db$'`)).toBe("1\n");
    expect(await metrics()).toContain("kubernetes_ha_etcd_snapshot_failed 1\n");
    expect(await stored()).toBe(had ?? "kubernetes_ha_etcd_snapshot_stored_seconds 0");
    await lab.onHost(third, `rm ${kept}/*`);
    await lab.admin.call("DELETE", "/faults");
    await lab.admin.failAction({ action: "GetBucket", code: "AccessDenied", times: 1 });
    const { code, output } = await lab.run("restore", "--cos");
    expect(code).not.toBe(0);
    expect(output).toContain("members keep snapshots of their own: leave --cos out");
  });

  test("without --yes, with a damaged snapshot, or with a member away nothing is touched", async () => {
    const etcds = await runningEtcds();
    const damaged = before.replace(/T\d{6}Z/, "T000000Z");
    await lab.onHost(
      first,
      `cd ${kept}; for ending in '' .sha256 .status; do cp ${before}$ending ${damaged}$ending; done
    sed -i s/${before}/${damaged}/ ${damaged}.sha256; printf x | dd of=${damaged} bs=1 seek=5000 conv=notrunc`,
    );
    const unsaid = await lab.run("restore", "--snapshot", "latest");
    expect(unsaid.output).toContain("add --yes if that is meant");
    const refused = await lab.run("restore", "--snapshot", damaged, "--yes");
    expect(refused.output).toContain("the snapshot is damaged");
    expect(refused.output).toContain("nothing was touched");
    const unknown = await lab.run("restore", "--snapshot", "etcd-1.db", "--yes");
    expect(unknown.output).toContain(`the newest is ${last}`);
    await lab.onHost(
      third,
      "systemd-run --quiet --on-active=60 systemctl start ssh; systemctl stop ssh",
    );
    const away = await lab.run("restore", "--snapshot", "latest", "--yes");
    await waitFor({ what: `${third} to be reached again`, deadlineSeconds: 420 }, () =>
      lab.onHost(third, "true").then(
        () => true,
        () => undefined,
      ),
    );
    expect(away.output).toContain(`${third}: `);
    expect(away.output).toContain("nothing was touched");
    expect([unsaid.code, refused.code, unknown.code, away.code]).not.toContain(0);
    expect(await configMaps()).toEqual(["configmap/written-second", "configmap/written-third"]);
    expect(await runningEtcds()).toEqual(etcds);
  });

  test("a quorum that has lost its data comes back with all that was written before the snapshot, and no more", async () => {
    await loseData(lab, [first, third]);
    await waitFor({ what: "the API to be gone", deadlineSeconds: 120 }, async () =>
      configMaps().then(
        () => undefined,
        () => true,
      ),
    );
    const began = Date.now();
    console.log(await lab.must("restore", "--snapshot", "latest", "--yes"));
    const restored = (Date.now() - began) / 1000;
    expect(await configMaps()).toEqual(["configmap/written-first", "configmap/written-second"]);
    await write("written-fourth");
    await clusterReady(lab.operator, edits.plan.hosts);
    console.log(
      `quorumRestoreSeconds ${restored.toFixed(1)}, every node Ready after ${((Date.now() - began) / 1000).toFixed(1)} s`,
    );
    const list = (await etcdctl(lab, first, "member list")).trim().split("\n");
    expect(list.map((line) => line.split(", ")[2]).sort()).toEqual(members);
    await etcdctl(lab, first, "endpoint health --cluster");
  });

  test("whoever watched before sees what is written now: a workload is rolled out", async () => {
    await lab.apply({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "restored" },
      spec: {
        replicas: 2,
        selector: { matchLabels: { app: "restored" } },
        template: {
          metadata: { labels: { app: "restored" } },
          spec: {
            containers: [{ name: "pause", image: imageOf(edits.plan.config, "pause") }],
          },
        },
      },
    });
    await lab.rolledOut("deployment/restored");
  });

  test("a sealed snapshot of the object storage is restored, on a cluster that serves", async () => {
    await write("written-fifth");
    const had = await revision();
    console.log(await lab.must("restore", "--cos", "--snapshot", `${before}.gz.age`, "--yes"));
    expect(await configMaps()).toEqual(["configmap/written-first"]);
    // Whoever watches must not wait for numbers that come again.
    expect(await revision()).toBeGreaterThan(had);
    await clusterReady(lab.operator, edits.plan.hosts);
  });

  test("the next `up` changes nothing, and snapshots go on", async () => {
    await edits.up();
    expect(new Engine(lab.identity, {}).changes()).toEqual([]);
    const newest = await snapshot(first);
    expect(await lab.must("restore")).toContain(newest);
    await timers("start");
    expect(await turns()).toEqual([0, 20, 40]);
    for (const host of members)
      expect(
        Number(await lab.onHost(host, "ls -d /var/lib/etcd/before-* | wc -l")),
      ).toBeGreaterThan(0);
  });
}
