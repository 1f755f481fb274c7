import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { deriveSshKey } from "../../components/pki/sshKey";
import { parseClusterConfig, planCluster } from "../../components/plan";
import { dataDiskUnit, renderContainerdUnit, renderDataDiskUnit } from "../../components/render";
import { renderUserData } from "../../components/userData";
import { sweep } from "../../lab/hosts/leftovers";
import { type DesiredWorld, emptyWorld } from "../../lab/hosts/types";
import { waitFor } from "../../lab/wait";
import { minimalConfig } from "../unit/plan/fixture";
import { accept, host, TestLab } from "./lab";

const lab = new TestLab("data-disk");
const id = "ins-worker";
const diskId = "disk-data0001";
const script = "#!/bin/bash\necho ran >>/var/tmp/own-script; id -un; echo to stderr >&2; exit 3\n";
const kept = "/usr/local/lib/kubernetes-ha/data-disk.sh";
let desired: DesiredWorld;

/** Cloud-init's data as a worker of a pool with a script gets it. */
function userData(): string {
  const config = minimalConfig();
  config.workers[0].firstBootScript = script;
  const [worker] = planCluster(parseClusterConfig(config)).workers;
  if (worker === undefined) throw new Error("there is no worker");
  const seed = "A".repeat(44);
  return renderUserData({
    host: worker,
    user: "kubernetes",
    operatorPublicKeys: [deriveSshKey(seed, "operator").publicKey],
    hostKey: deriveSshKey(seed, "host"),
  });
}

async function change(edit: (worker: DesiredWorld["hosts"][number]) => void): Promise<void> {
  const [worker] = desired.hosts;
  if (worker === undefined) throw new Error("there is no host");
  edit(worker);
  await lab.world.apply(structuredClone(desired));
  await lab.world.booted();
}

const on = (command: string) => lab.mustOn(id, command);
const place = (path: string, content: string, mode = "0644") => {
  const encoded = Buffer.from(content).toString("base64");
  return on(`install -D -m ${mode} /dev/null ${path} && echo ${encoded} | base64 -d >${path}`);
};
/** Has the units of a worker whose data disk is at a directory, with something in containerd's place that says when it is up. */
async function placeUnits(directory: string): Promise<void> {
  await place(
    kept,
    readFileSync(join(__dirname, "../../components/scripts/data-disk.sh"), "utf8"),
    "0755",
  );
  await place(`/etc/systemd/system/${dataDiskUnit}`, renderDataDiskUnit(diskId, directory));
  await place(
    "/usr/local/bin/containerd",
    "#!/bin/sh\nsystemd-notify --ready; exec sleep inf\n",
    "0755",
  );
  const access = "\n[Service]\nNotifyAccess=all\n";
  await place(
    "/etc/systemd/system/containerd.service",
    renderContainerdUnit({}, directory) + access,
  );
  await on("systemctl daemon-reload");
}
const gibibytes = async (directory: string) =>
  Math.round(Number(await on(`df --output=size -B1 ${directory} | tail -1`)) / 2 ** 30);
const active = (unit: string) =>
  waitFor({ what: unit, deadlineSeconds: 90, everyMs: 200 }, async (seen) => {
    const { code, stdout } = await lab.on(id, `systemctl is-active ${unit}`);
    seen(stdout);
    return code === 0 ? true : undefined;
  });

beforeAll(async () => {
  await sweep(lab.id);
  rmSync(lab.dir, { recursive: true, force: true });
  desired = {
    ...structuredClone(emptyWorld),
    hosts: [
      host("worker", "10.20.0.12", {
        securityGroupIds: ["sg-worker"],
        userData: userData(),
        dataDisks: [{ diskId, sizeGiB: 1 }],
      }),
    ],
    securityGroups: [
      { securityGroupId: "sg-worker", ingress: [], egress: [accept({ protocol: "ALL" })] },
    ],
    disks: [{ diskId, sizeGiB: 1 }],
  };
  await lab.open();
  await lab.world.apply(structuredClone(desired));
  await lab.world.booted();
  await lab.sshUp(id);
}, 600_000);

afterAll(async () => {
  await lab.world.close({ keepDisks: false });
  rmSync(lab.dir, { recursive: true, force: true });
}, 120_000);

test("a script of the pool's own has run at the first boot, as root, and what it said and ended with is there", async () => {
  const own = "/var/lib/kubernetes-ha/first-boot";
  await waitFor({ what: "its end", deadlineSeconds: 90, everyMs: 200 }, async () =>
    (await lab.on(id, `test -e ${own}/status`)).code === 0 ? true : undefined,
  );
  expect(await on(`cat ${own}/status ${own}/log; stat -c %a ${own}/script`)).toBe(
    "3\nroot\nto stderr\n700",
  );
}, 120_000);

test("a blank disk is made ready once, and mounted over whatever the host has there", async () => {
  const directory = "/var/lib/containerd";
  await placeUnits(directory);
  await on(`${kept} format ${diskId} && ${kept} format ${diskId}`);
  await on(`systemctl enable --now ${dataDiskUnit} containerd`);
  await active("containerd");
  expect(await on(`findmnt --noheadings --output FSTYPE ${directory} | tail -1`)).toBe("ext4");
  expect(await gibibytes(directory)).toBe(1);
  await on(`echo kept >${directory}/file`);

  // As every run of the step does. That it grows is not seen here: a mounted file system grows for CAP_SYS_RESOURCE alone, which hosts of a lab may lack.
  await on(`${kept} grow ${diskId} ${directory} 1`);
}, 120_000);

test("after a loss of power it is there before containerd is, and the pool's script does not run again", async () => {
  await change((worker) => (worker.power = "failed"));
  await change((worker) => (worker.power = "running"));
  await lab.sshUp(id);
  await active("containerd");
  expect(await on("cat /var/lib/containerd/file /var/tmp/own-script")).toBe("kept\nran");
  const since = (unit: string) =>
    on(`systemctl show --property ActiveEnterTimestampMonotonic --value ${unit}`);
  expect(Number(await since(dataDiskUnit))).toBeLessThan(Number(await since("containerd")));
}, 120_000);
