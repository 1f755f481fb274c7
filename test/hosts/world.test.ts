import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describeInventory, inventory } from "../../lab/hosts/inventory";
import { sweep } from "../../lab/hosts/leftovers";
import type { DesiredWorld } from "../../lab/hosts/types";
import { waitFor } from "../../lab/wait";
import { type MachineState, machineState } from "../support/machine";
import { emptyWorld } from "../../lab/hosts/types";
import { accept, host, LoginKeys, TestLab } from "./lab";

const lab = new TestLab("world");
const [bastion, b, c] = ["ins-bastion", "ins-b", "ins-c"] as const;
const [bIp, cIp, vip, eip] = ["10.20.0.12", "10.20.0.13", "10.20.0.100", "198.51.100.10"] as const;
const keys = new LoginKeys();
let desired: DesiredWorld;
let before: MachineState;

/** Changes the wanted state and waits until the world is like it. */
async function change(edit: (world: DesiredWorld) => void): Promise<void> {
  edit(desired);
  await lab.world.apply(structuredClone(desired));
  await lab.world.booted();
}
const hostOf = (instanceId: string): DesiredWorld["hosts"][number] => {
  const found = desired.hosts.find((each) => each.instanceId === instanceId);
  if (!found) throw new Error(`no ${instanceId}`);
  return found;
};
const stateOf = async (instanceId: string): Promise<string | undefined> =>
  (await lab.world.status()).find((each) => each.instanceId === instanceId)?.state;

beforeAll(async () => {
  await sweep(lab.id);
  rmSync(lab.dir, { recursive: true, force: true });
  before = await machineState(lab.id);
  await keys.make();
  desired = {
    ...structuredClone(emptyWorld),
    hosts: [
      host("bastion", "10.20.0.11", {
        securityGroupIds: ["sg-bastion"],
        publicIp: eip,
        userData: keys.userData("bastion"),
      }),
      host("b", bIp, {
        securityGroupIds: ["sg-member"],
        userData: keys.userData("b"),
        dataDisks: [{ diskId: "disk-one", sizeGiB: 2 }],
      }),
      host("c", cIp, {
        securityGroupIds: ["sg-member"],
        userData: keys.userData("c"),
        systemDisk: { diskId: "disk-larger", sizeGiB: 60 },
      }),
    ],
    securityGroups: [
      {
        securityGroupId: "sg-bastion",
        ingress: [accept({ ports: "22" })],
        egress: [accept({ protocol: "ALL" })],
      },
      {
        securityGroupId: "sg-member",
        ingress: [
          accept({ ports: "22", securityGroupId: "sg-bastion" }),
          accept({ ports: "6443,7000-7010", securityGroupId: "sg-member" }),
        ],
        egress: [accept({ protocol: "ALL" })],
      },
    ],
    haVips: [
      { haVipId: "havip-one", vip, subnetId: "subnet-test0001", allowedInstanceIds: [b, c] },
    ],
    disks: [{ diskId: "disk-one", sizeGiB: 2 }],
  };
  await lab.open();
  await lab.world.apply(structuredClone(desired));
  await lab.world.booted();
  await Promise.all([bastion, b, c].map((id) => lab.sshUp(id)));
}, 600_000);

afterAll(async () => {
  await lab.world.close({ keepDisks: false });
  rmSync(lab.dir, { recursive: true, force: true });
  keys.remove();
}, 120_000);

describe("a host", () => {
  it("is logged in to through the bastion's public address, with the host key it was given", async () => {
    const { code, stdout, stderr } = await lab.ssh(
      keys.identity,
      bIp,
      "hostname; sudo -n id -u; test -e /var/tmp/runcmd-ran",
      eip,
    );
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "b\n0\n", stderr: "" });
    expect(await lab.mustOn(b, "cat /etc/ssh/ssh_host_ed25519_key.pub; ls /etc/ssh")).toContain(
      keys.hostKey,
    );
  }, 120_000);

  it("has an identity of its own", async () => {
    const ids = await Promise.all(
      [b, c].map((id) => lab.mustOn(id, "cat /proc/sys/kernel/random/boot_id")),
    );
    expect(new Set(ids).size).toBe(2);
    // The machine id is the image's, as with public ones: a trap for the product.
    const machineIds = await Promise.all([b, c].map((id) => lab.mustOn(id, "cat /etc/machine-id")));
    expect(new Set(machineIds).size).toBe(1);
    expect(await lab.mustOn(b, "systemctl is-system-running; cloud-init status")).toMatch(
      /^running\nstatus: done/,
    );
  }, 120_000);

  it("sees a system disk of its own, of the size ordered, whatever is on the machine's", async () => {
    for (const [id, sizeGiB] of [
      [b, 20],
      [c, 60],
    ] as const)
      for (const path of ["/", "/var/lib", "/var/lib/containerd"]) {
        const line = await lab.mustOn(id, `df -B1 --output=size,avail ${path} | tail -1`);
        const [size = 0, avail = 0] = line.trim().split(/ +/).map(Number);
        // The file system's own tables, 1.6 %, are not counted.
        expect(Math.ceil(size / 2 ** 30)).toBe(sizeGiB);
        expect(avail / size).toBeGreaterThan(0.95);
      }
  });

  it("can change neither the machine's clock, swap nor settings", async () => {
    const asRoot = (command: string): ReturnType<TestLab["ssh"]> =>
      lab.ssh(keys.identity, bIp, `sudo -n sh -c '${command}'`, eip);
    // The time it is: should it ever be let, no harm is done.
    expect((await asRoot(`date -s @${Math.round(Date.now() / 1000)}`)).stderr).toContain(
      "Operation not permitted",
    );
    expect(
      await asRoot(
        "echo 1 >/proc/sys/vm/panic_on_oom; echo 77 >/proc/sys/kernel/panic; swapoff -a; cat /proc/sys/kernel/panic; cat /proc/swaps | wc -l",
      ),
    ).toEqual({
      ...{ code: 0, stdout: "77\n1\n" },
      // Of the image's line for swap, unless cloud-init has taken it away by now.
      stderr: expect.stringMatching(/^(swapoff: .*\n)?$/) as string,
    });
    expect(readFileSync("/proc/sys/kernel/panic", "utf8").trim()).not.toBe("77");
    expect(readFileSync("/proc/sys/vm/panic_on_oom", "utf8").trim()).toBe("0");
  });

  it("has controllers it can write, below its own group", async () => {
    await lab.mustOn(
      b,
      "mkdir -p /sys/fs/cgroup/memory/kubepods /sys/fs/cgroup/pids/kubepods 2>/dev/null || mkdir -p /sys/fs/cgroup/kubepods",
    );
    expect(
      (await lab.on(c, "ls -d /sys/fs/cgroup/memory/kubepods /sys/fs/cgroup/kubepods 2>/dev/null"))
        .stdout,
    ).toBe("");
  });

  it("boots again when it asks for it, with the same disk and its routes", async () => {
    await lab.mustOn(c, "touch /var/tmp/kept");
    const old = lab.init(c);
    await lab.on(c, "systemctl reboot");
    await waitFor({ what: "c to be another boot", deadlineSeconds: 60 }, () => {
      const now = lab.init(c);
      return Promise.resolve(now === old ? undefined : now);
    });
    await lab.sshUp(c);
    await lab.mustOn(c, "test -e /var/tmp/kept");
    expect(await lab.dials(bastion, cIp, 22)).toBe(true);
  }, 120_000);
});

describe("the network", () => {
  it("shows every neighbour with the gateway's MAC", async () => {
    await lab.on(b, `ping -c1 -W2 ${cIp}; ping -c1 -W2 10.20.0.1; ping -c1 -W1 10.20.0.77`);
    const macs = (await lab.mustOn(b, "ip -4 neigh show dev host0")).match(/(?<=lladdr )\S+/g);
    expect(new Set(macs)).toEqual(new Set(["fe:ee:0b:ca:e5:69"]));
  });

  it("lets an instance without public address reach nothing outside, and the operator only public addresses", async () => {
    expect((await lab.on(b, "ping -c1 -W1 203.0.113.2")).code).not.toBe(0);
    expect((await lab.on(bastion, "ping -c1 -W2 203.0.113.2")).code).toBe(0);
    const direct = await lab.ssh(keys.identity, bIp, "true");
    expect(direct.code).not.toBe(0);
  }, 120_000);

  it("refuses names at once: nobody is asked twice, nothing waits", async () => {
    const started = Date.now();
    expect((await lab.on(b, "getent hosts example.com")).code).not.toBe(0);
    expect(Date.now() - started).toBeLessThan(1000);
  });

  it("opens exactly what the security groups say, within one subnet too", async () => {
    for (const id of [b, c])
      for (const port of [6443, 7005, 8080])
        await lab.mustOn(id, `systemd-run --quiet --unit=listen-${port} -- nc -lk 0.0.0.0 ${port}`);
    const dial = async (from: string, to: string): Promise<boolean[]> =>
      Promise.all([22, 6443, 7005, 8080].map((port) => lab.dials(from, to, port)));
    expect(await dial(bastion, bIp)).toEqual([true, false, false, false]);
    expect(await dial(c, bIp)).toEqual([false, true, true, false]);
    expect(await dial(b, cIp)).toEqual([false, true, true, false]);
    expect(await dial(b, "10.20.0.11")).toEqual([true, false, false, false]);
  }, 120_000);

  it("drops what a rule that was taken away had let in", async () => {
    await lab.mustOn(
      b,
      "systemd-run --quiet --unit=echo-7000 -- sh -c 'exec nc -lk 0.0.0.0 7000 >/run/got'",
    );
    await lab.mustOn(
      c,
      `mkfifo /run/say; systemd-run --quiet --unit=say -- sh -c 'exec nc ${bIp} 7000 </run/say'; systemd-run --quiet --unit=hold -- sh -c 'exec 3>/run/say; echo one >&3; sleep 3600'`,
    );
    const got = (): Promise<string> => lab.mustOn(b, "cat /run/got");
    await waitFor({ what: "the first line", deadlineSeconds: 60 }, async () =>
      (await got()) === "one" ? true : undefined,
    );
    const member = desired.securityGroups[1];
    const removed = member?.ingress.pop();
    await change(() => undefined);
    await lab.on(c, "echo two >/run/say");
    expect(await lab.dials(c, bIp, 6443)).toBe(false);
    expect(await got()).toBe("one");
    if (removed) member?.ingress.push(removed);
    await change(() => undefined);
    // The connection was never ended, only silenced: TCP sends again what was lost.
    await waitFor({ what: "the second line", deadlineSeconds: 60 }, async () =>
      (await got()) === "one\ntwo" ? true : undefined,
    );
  }, 180_000);

  it("drops addresses an instance does not have", async () => {
    await lab.mustOn(c, "ip addr add 10.20.0.50/32 dev host0");
    expect((await lab.on(c, `nc -z -w 2 -s 10.20.0.50 ${bIp} 6443`)).code).not.toBe(0);
    expect(await lab.dials(c, bIp, 6443)).toBe(true);
  });

  it("gives a HAVIP to the associated instance that announced it last", async () => {
    const take = (id: string): Promise<unknown> =>
      lab.on(id, `ip addr add ${vip}/32 dev host0; arping -q -U -c 1 -w 1 -I host0 ${vip}`);
    const leave = (id: string): Promise<unknown> => lab.on(id, `ip addr del ${vip}/32 dev host0`);
    const owner = (id: string): Promise<true> =>
      waitFor({ what: `${id} to own the VIP`, deadlineSeconds: 60, everyMs: 50 }, (seen) => {
        seen(lab.moves.join(", "));
        return Promise.resolve(lab.moves.at(-1) === `havip-one ${id}` ? true : undefined);
      });
    await take(bastion);
    await leave(bastion);
    await take(b);
    await owner(b);
    expect(lab.moves).toEqual([`havip-one ${b}`]);
    expect(await lab.dials(c, vip, 6443)).toBe(true);
    await leave(b);
    await take(c);
    await owner(c);
    expect(await lab.dials(b, vip, 6443)).toBe(true);
    await leave(c);
    await take(b);
    await owner(b);
    expect(lab.moves).toEqual([`havip-one ${b}`, `havip-one ${c}`, `havip-one ${b}`]);
    expect(lab.log.join("\n")).toContain("is not associated with");
    // The owner may send from it.
    expect((await lab.on(b, `nc -z -w 2 -s ${vip} ${cIp} 8080`)).code).not.toBe(0);
    desired.haVips = desired.haVips.map((haVip) => ({ ...haVip, ownerInstanceId: b }));
  }, 120_000);
});

describe("disks", () => {
  it("keep their data on the way from one living host to another", async () => {
    const disk = "/dev/disk/by-id/virtio-disk-one";
    await lab.mustOn(
      b,
      `mkfs.ext4 -q ${disk} && mkdir -p /data && mount ${disk} /data && echo kept >/data/file && umount /data`,
    );
    await change(() => {
      hostOf(b).dataDisks = [];
      hostOf(c).dataDisks = [{ diskId: "disk-one", sizeGiB: 2 }];
    });
    expect((await lab.on(b, `ls ${disk} /dev/vdb`)).code).not.toBe(0);
    expect(
      await lab.mustOn(c, `mkdir -p /data; mount ${disk} /data; cat /data/file; readlink ${disk}`),
    ).toBe("kept\n../../vdb");
  }, 120_000);

  it("are devices of their own: a flush does not wait for what others do on the machine's disk", async () => {
    const cache = "/sys/dev/block/$(stat -L --format %Hr:%Lr /dev/vdb)/queue/write_cache";
    expect(await lab.mustOn(c, `cat ${cache}`)).toBe("write through");
  });
});

describe("power", () => {
  it("lost is a black hole to peers, and comes back with the same disks", async () => {
    await lab.mustOn(
      c,
      "touch /data/before; systemd-run --quiet --unit=listen-7001 -- nc -lk 0.0.0.0 7001",
    );
    // A connection from b to c that is never closed; nc ends at once on a FIN or RST.
    await lab.mustOn(
      b,
      `systemd-run --quiet --unit=peer -- sh -c 'sleep 3600 | exec nc ${cIp} 7001'`,
    );
    await waitFor({ what: "the connection", deadlineSeconds: 60 }, async () =>
      (await lab.mustOn(b, "ss -tnH state established dport = 7001")) === "" ? undefined : true,
    );
    await lab.mustOn(
      b,
      "systemd-run --quiet --unit=capture -- sh -c 'exec tcpdump -n -i host0 -U --immediate-mode \"src 10.20.0.13 or icmp\" >/run/seen 2>/run/tcpdump'",
    );
    await waitFor({ what: "tcpdump to listen", deadlineSeconds: 60 }, async () =>
      (await lab.on(b, "grep listening /run/tcpdump")).code === 0 ? true : undefined,
    );
    await change(() => (hostOf(c).power = "failed"));
    expect(await stateOf(c)).toBe("failed");
    const ping = await lab.on(b, `ping -c2 -W1 ${cIp}`);
    expect(ping.stdout).toMatch(/2 packets transmitted, 0 received(?!.*errors)/);
    expect(await lab.mustOn(b, "ss -tnH state established dport = 7001")).not.toBe("");
    expect(
      (await lab.mustOn(b, "cat /run/seen"))
        .split("\n")
        .filter((line) => !/echo request/.test(line)),
    ).toEqual([""]);
    await change(() => (hostOf(c).power = "running"));
    await lab.sshUp(c);
    expect(
      await lab.mustOn(
        c,
        "mount /dev/disk/by-id/virtio-disk-one /data; ls /data/before /var/tmp/kept",
      ),
    ).toBe("/data/before\n/var/tmp/kept");
  }, 120_000);

  it("freezes and thaws", async () => {
    await change(() => (hostOf(c).power = "frozen"));
    expect(await stateOf(c)).toBe("running");
    expect((await lab.ssh(keys.identity, cIp, "true", eip)).code).not.toBe(0);
    await change(() => (hostOf(c).power = "running"));
    expect((await lab.ssh(keys.identity, cIp, "true", eip)).code).toBe(0);
  }, 120_000);

  it("is switched off in order, and finds its disk grown when it is on again", async () => {
    await lab.mustOn(
      c,
      "systemd-run --quiet --unit=orderly -p 'ExecStop=touch /var/tmp/stopped' -- sleep 3600",
    );
    await change(() => (hostOf(c).power = "stopped"));
    expect(await stateOf(c)).toBe("stopped");
    // A larger disk that was ordered meanwhile is there at the next boot, with all that is on it.
    hostOf(c).systemDisk.sizeGiB = 70;
    await change(() => (hostOf(c).power = "running"));
    await lab.sshUp(c);
    await lab.mustOn(c, "test -e /var/tmp/stopped");
    expect(await lab.mustOn(c, "df -BG --output=size / | tail -1")).toMatch(/^ *(69|70)G$/);
  }, 120_000);
});

describe("the world", () => {
  it("finds living hosts after a restart, and hears what was announced meanwhile", async () => {
    const boots = [bastion, b, c].map((id) => lab.init(id));
    await lab.world.release();
    await lab.mustOn(b, `ip addr del ${vip}/32 dev host0`);
    await lab.mustOn(c, `ip addr add ${vip}/32 dev host0; arping -q -U -c 1 -w 1 -I host0 ${vip}`);
    await lab.open();
    await lab.world.apply(structuredClone(desired));
    await lab.world.booted();
    expect([bastion, b, c].map((id) => lab.init(id))).toEqual(boots);
    expect((await lab.world.status()).map(({ state }) => state)).toEqual([
      "running",
      "running",
      "running",
    ]);
    await waitFor({ what: "the move to c", deadlineSeconds: 60 }, () =>
      Promise.resolve(lab.moves.at(-1) === `havip-one ${c}` ? true : undefined),
    );
  }, 120_000);

  it("goes on while a host boots, and erases one that is no longer wanted before it is up", async () => {
    const wanted = structuredClone(desired);
    const late = host("late", "10.20.0.14", { securityGroupIds: ["sg-member"] });
    await lab.world.apply({ ...wanted, hosts: [...wanted.hosts, late] });
    await lab.world.apply(wanted);
    await lab.world.booted();
    expect(existsSync(join(lab.dir, "hosts", late.instanceId))).toBe(false);
    expect(await stateOf(late.instanceId)).toBeUndefined();
    expect(await stateOf(b)).toBe("running");
  }, 120_000);

  it("erases an instance that is no longer wanted, and nothing else", async () => {
    await change((world) => {
      world.hosts = world.hosts.filter(({ instanceId }) => instanceId !== c);
      world.disks = [];
    });
    expect(existsSync(join(lab.dir, "hosts", c))).toBe(false);
    expect(existsSync(join(lab.dir, "disks", "disk-one.img"))).toBe(false);
    expect(await stateOf(b)).toBe("running");
  }, 120_000);

  it("leaves nothing on the machine when it is closed", async () => {
    await lab.world.close({ keepDisks: false });
    expect(describeInventory(inventory(lab.id))).toEqual([]);
    expect(await machineState(lab.id)).toEqual(before);
    await lab.world.close({ keepDisks: false });
  }, 120_000);
});
