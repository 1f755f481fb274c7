import { rmSync } from "node:fs";
import { Cgroups } from "../../lab/hosts/cgroups";
import { describeInventory, inventory } from "../../lab/hosts/inventory";
import { ensureKernelModules } from "../../lab/hosts/kernelModules";
import { sweep } from "../../lab/hosts/leftovers";
import { must } from "../../lab/process";
import { waitFor } from "../../lab/wait";
import { addresses, DirectServer, ids } from "./directServer";
import { TestLab } from "./lab";

const lab = new TestLab("own-kernel", { network: "vpc", ownKernel: { balancer: 512 } });
const server = new DirectServer(lab);
const director = ids.director;
const cgroups = new Cgroups(lab.id);
const disk = "/dev/disk/by-id/virtio-disk-one";

const bootId = (): Promise<string> =>
  server.mustOnDirector("cat /proc/sys/kernel/random/boot_id; systemctl is-active ssh");
const answers = (): Promise<string> =>
  waitFor({ what: "the director to answer", deadlineSeconds: 60 }, bootId);
const stateOf = async (): Promise<string | undefined> =>
  (await lab.world.status()).find(({ instanceId }) => instanceId === director)?.state;

beforeAll(async () => {
  await sweep(lab.id);
  rmSync(lab.dir, { recursive: true, force: true });
  await ensureKernelModules();
  await server.start();
}, 600_000);

afterAll(async () => {
  await server.stop();
  rmSync(lab.dir, { recursive: true, force: true });
}, 120_000);

describe("a host with a kernel of its own", () => {
  it("is what its instance says: name, address, host key, user data, memory", async () => {
    const kernel = (await must(["uname", "-r"])).stdout.trim();
    const [release, name, id, memory] = (
      await server.mustOnDirector(
        "uname -r; hostname; cat /etc/machine-id; grep MemTotal /proc/meminfo; test -e /var/tmp/runcmd-ran",
      )
    ).split("\n");
    expect(release).not.toBe(kernel);
    expect(name).toBe("director");
    expect(id).toBe(server.hostOf(director).uuid.replaceAll("-", ""));
    expect(Number(/\d+/.exec(memory ?? "")?.[0])).toBeLessThanOrEqual(512 * 1024);
    expect(await server.mustOnDirector("cat /etc/ssh/ssh_host_ed25519_key.pub")).toContain(
      server.keys.hostKey,
    );
    expect(
      await server.mustOnDirector(
        `systemctl is-system-running --wait >/dev/null || systemctl list-units --failed --plain --no-legend | grep -oE "^[^ ]+"; stat -fc %T /sys/fs/cgroup`,
      ),
      // The image's line for swap, which is one of its traps: preparing a host takes it away.
    ).toBe("swapfile.swap\ncgroup2fs");
  }, 180_000);

  it("has IPVS, whose direct routing is lost on a routed network, as in the cloud", async () => {
    expect(await server.mustOnDirector("ipvsadm -Ln")).toContain(`TCP  ${addresses.vip}:8080 rr`);
    expect(lab.moves).toEqual([`havip-one ${director}`]);
    expect(await server.ask(addresses.realOne)).toBe("realone");
    expect(await server.ask(addresses.vip)).toBe("");
    expect(await server.mustOnDirector("ipvsadm -Ln --stats")).toMatch(/10\.20\.0\.1[34]:8080 +1 /);
  }, 120_000);

  it("is refused as a director by MAC: all its neighbours have the gateway's", async () => {
    const { realOne, realTwo, vip } = addresses;
    expect(await server.directRouting()).toEqual([
      `FAILED direct routing ${realOne}, ${realTwo} all have the MAC fe:ee:0b:ca:e5:69: this network forwards by address, as a VPC does, so frames for ${vip} come back set entry.forwarding: nat, or choose another kind of entry`,
    ]);
  }, 60_000);

  it("has nftables with all that a node needs of it, and cgroup v2 that systemd delegates", async () => {
    const ruleset = `
      table ip services {
        chain nat { type nat hook prerouting priority dstnat; fib daddr type local tcp dport 1 dnat to 10.0.0.1:80; }
        chain leaving { type nat hook postrouting priority srcnat; meta mark 1 masquerade; }
        chain judged { type filter hook forward priority filter; ct state new queue flags bypass to 100; }
      }
      table inet pods { chain leaving { type nat hook postrouting priority srcnat; ip saddr 10.0.0.0/8 masquerade; }; }`;
    await server.mustOnDirector("nft -f - && nft delete table ip services", ruleset);
    await server.mustOnDirector("iptables -t nat -A POSTROUTING -s 10.0.0.0/8 -j MASQUERADE");
    expect(
      await server.mustOnDirector(
        'systemd-run --quiet --pipe -p Delegate=yes -p MemoryMax=64M -p CPUQuota=20% sh -c "cat /sys/fs/cgroup/system.slice/run-*.service/memory.max /sys/fs/cgroup/system.slice/run-*.service/cpu.max"',
      ),
    ).toBe("67108864\n20000 100000");
  }, 120_000);

  it("is one of the machine's hosts: its processes are in its cgroup", () => {
    expect(cgroups.pids(director).length).toBeGreaterThan(5);
    expect(cgroups.living()).toContain(director);
  });
});

describe("its disks", () => {
  it("come and go while it runs, mounted or not", async () => {
    await server.mustOnDirector(
      `mkfs.ext4 -q ${disk} && mkdir /data && mount ${disk} /data && echo kept >/data/file && sync`,
    );
    const { hosts } = server.desired;
    const [one] = server.hostOf(director).dataDisks;
    server.hostOf(director).dataDisks = [];
    await server.apply();
    expect((await server.onDirector(`ls ${disk} /dev/vdb /data/file`)).code).not.toBe(0);
    const real = hosts.find(({ instanceId }) => instanceId === ids.realOne);
    if (!one || !real) throw new Error("no disk");
    real.dataDisks = [one];
    await server.apply();
    expect(
      await lab.mustOn(
        ids.realOne,
        `mkdir /data; mount ${disk} /data; cat /data/file; echo more >>/data/file; umount /data`,
      ),
    ).toBe("kept");
    real.dataDisks = [];
    server.hostOf(director).dataDisks = [one];
    await server.apply();
    expect(
      await server.mustOnDirector(`mount ${disk} /data; cat /data/file; readlink ${disk}`),
    ).toBe("kept\nmore\n../../vdb");
  }, 180_000);
});

describe("its power", () => {
  it("goes off in order and comes back with the same disks", async () => {
    await server.mustOnDirector(
      'systemd-run --quiet --unit=orderly -p ExecStop="touch /var/tmp/stopped" -- sleep 3600',
    );
    server.hostOf(director).power = "stopped";
    await server.apply();
    expect(await stateOf()).toBe("stopped");
    server.hostOf(director).power = "running";
    await server.apply();
    await answers();
    expect(
      await server.mustOnDirector(
        `test -e /var/tmp/stopped && mount ${disk} /data && cat /data/file`,
      ),
    ).toBe("kept\nmore");
  }, 120_000);

  it("is lost at once, and what was synced is there afterwards", async () => {
    await server.mustOnDirector("echo synced >/var/tmp/synced; echo synced >/data/synced; sync");
    server.hostOf(director).power = "failed";
    await server.apply();
    expect(await stateOf()).toBe("failed");
    expect(cgroups.pids(director)).toEqual([]);
    server.hostOf(director).power = "running";
    await server.apply();
    await answers();
    expect(
      await server.mustOnDirector(`mount ${disk} /data && cat /data/synced /var/tmp/synced`),
    ).toBe("synced\nsynced");
  }, 120_000);

  it("freezes and thaws", async () => {
    const before = await bootId();
    server.hostOf(director).power = "frozen";
    await server.apply();
    expect((await lab.on(ids.realOne, `nc -z -w 2 ${addresses.director} 22`)).code).not.toBe(0);
    server.hostOf(director).power = "running";
    await server.apply();
    expect(await answers()).toBe(before);
  }, 180_000);

  it("cycles when the host itself reboots, with the disks of now", async () => {
    const before = await bootId();
    await server.onDirector("systemctl reboot");
    await waitFor({ what: "another boot", deadlineSeconds: 60 }, async () =>
      (await bootId()) === before ? undefined : true,
    );
    expect(await server.mustOnDirector(`readlink ${disk}`)).toBe("../../vdb");
  }, 120_000);
});

it("outlives the daemon, and is found by the next", async () => {
  const before = await bootId();
  await lab.world.release();
  await lab.open();
  await server.apply();
  expect(await stateOf()).toBe("running");
  expect(await bootId()).toBe(before);
}, 120_000);

it("leaves nothing on the machine when it is closed", async () => {
  await lab.world.close({ keepDisks: false });
  expect(describeInventory(inventory(lab.id))).toEqual([]);
}, 120_000);
