import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { gatewayOf, linkOf, macOf, prefixOf } from "../../../../lab/hosts/addresses";
import { parseLayout } from "../../../../lab/hosts/cgroupLayout";
import { Cgroups } from "../../../../lab/hosts/cgroups";
import { firstFiles, launchSettings, metaData } from "../../../../lab/hosts/machineFiles";
import { Disks } from "../../../../lab/hosts/disks";
import { bridgedNetwork } from "../../../../lab/hosts/bridgedNetwork";
import { ubdNumbers, UmlBody } from "../../../../lab/hosts/umlBody";
import { routedNetwork } from "../../../../lab/hosts/routedNetwork";
import { host } from "./worlds";
import { assignDevices, parseDevices, renderDevices } from "../../../../lab/hosts/devices";
import { inventory } from "../../../../lab/hosts/inventory";
import { sweep } from "../../../../lab/hosts/leftovers";
import {
  holdsLimit,
  raiseLimit,
  restingValue,
  restoreLimit,
} from "../../../../lab/hosts/machineLimits";

describe("where cgroups are", () => {
  const v1 = (names: string[]): string =>
    [
      "20 1 0:30 / /sys/fs/cgroup rw - tmpfs tmpfs rw",
      ...names.map(
        (name, i) =>
          `${30 + i} 20 0:${40 + i} / /sys/fs/cgroup/${name} rw,relatime - cgroup cgroup rw,${name}`,
      ),
      "50 20 0:60 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd",
      "51 20 0:61 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw",
    ].join("\n");

  it("with version 1 a host is in every hierarchy, the unified one too", () => {
    const groups = new Cgroups("kha123456", parseLayout(v1(["memory", "pids", "freezer"])));
    expect(groups.layout.version).toBe(1);
    expect(groups.paths("ins-a")).toEqual([
      "/sys/fs/cgroup/memory/kha123456/ins-a",
      "/sys/fs/cgroup/pids/kha123456/ins-a",
      "/sys/fs/cgroup/freezer/kha123456/ins-a",
      "/sys/fs/cgroup/systemd/kha123456/ins-a",
      "/sys/fs/cgroup/unified/kha123456/ins-a",
    ]);
  });

  it("with version 2 there is one", () => {
    const layout = parseLayout(
      "30 20 0:26 / /sys/fs/cgroup rw shared:4 - cgroup2 cgroup2 rw,nsdelegate",
    );
    expect(layout.version).toBe(2);
    expect(new Cgroups("kha123456", layout).paths("ins-a")).toEqual([
      "/sys/fs/cgroup/kha123456/ins-a",
    ]);
  });

  it("with version 2 launcher and machine are apart, below the host's own group", () => {
    const layout = parseLayout("30 20 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw");
    expect(new Cgroups("kha123456", layout).joins("ins-a")).toEqual({
      launcher: ["/sys/fs/cgroup/kha123456/ins-a/launcher"],
      machine: ["/sys/fs/cgroup/kha123456/ins-a/machine"],
    });
  });

  it("a machine without the controllers is refused", () => {
    expect(() => parseLayout(v1(["memory"]))).toThrow(/pids and freezer/);
  });
});

describe("device names", () => {
  const disk = fc.integer({ min: 0, max: 30 }).map((n) => `disk-${n}`);
  const disks = fc.uniqueArray(disk, { maxLength: 20 });

  it("stay with a disk and are never shared", () => {
    fc.assert(
      fc.property(disks, disks, (first, second) => {
        const before = assignDevices([], first);
        const after = assignDevices(before, second);
        expect(new Set(after.map(({ name }) => name)).size).toBe(second.length);
        for (const { name, diskId } of before)
          if (second.includes(diskId))
            expect(after.find((each) => each.diskId === diskId)?.name).toBe(name);
      }),
    );
  });

  it("start at vdb in the order given", () => {
    expect(assignDevices([], ["disk-x", "disk-y"])).toEqual([
      { name: "vdb", diskId: "disk-x" },
      { name: "vdc", diskId: "disk-y" },
    ]);
  });

  it("survive being written and read", () => {
    const devices = [{ name: "vdb", major: 7, minor: 12, diskId: "disk-x" }];
    expect(parseDevices(renderDevices(devices))).toEqual(devices);
  });
});

describe("what a machine boots with", () => {
  const layout = parseLayout("30 20 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw");
  const context = {
    labId: "kha123456",
    labDir: "/labs/kha123456",
    fabricNetns: "kha123456-vpc",
    image: "/images/debian",
    cgroups: new Cgroups("kha123456", layout),
    disks: new Disks("/labs/kha123456"),
    network: routedNetwork,
    kernelModules: "/modules",
    ownKernelMiB: () => undefined,
  };

  it("says all the launcher needs, quoted for the shell", () => {
    const text = launchSettings(context, host("one", "10.0.1.2", { hostName: "it's-one" }));
    expect(text.split("\n")).toEqual(
      expect.arrayContaining([
        "LINK='h-one'",
        "ADDRESS='10.0.1.2'",
        "PREFIX='24'",
        "GATEWAY='10.0.1.1'",
        "MACHINE='kha123456-ins-one'",
        "HOST_NAME='it'\\''s-one'",
      ]),
    );
  });

  it("is on a new disk beside the image: its own name, and the authority of a lab that has one", () => {
    const image = mkdtempSync(join(tmpdir(), "kubernetes-ha-image-"));
    try {
      const bundle = "etc/ssl/certs/ca-certificates.crt";
      mkdirSync(join(image, "etc/ssl/certs"), { recursive: true });
      writeFileSync(join(image, bundle), "public\n");
      writeFileSync(join(image, "ca.crt"), "ours\n");
      const one = host("one", "10.0.1.2", { hostName: "prod-etcd-1" });
      const hosts = { "etc/hosts": "127.0.0.1 localhost\n10.0.1.2 prod-etcd-1\n" };
      expect(firstFiles({ image }, one)).toEqual(hosts);
      expect(firstFiles({ image, authority: join(image, "ca.crt") }, one)).toEqual({
        ...hosts,
        "usr/local/share/ca-certificates/kubernetes-ha-lab.crt": "ours\n",
        [bundle]: "public\nours\n",
      });
    } finally {
      rmSync(image, { recursive: true });
    }
  });

  it("names the switch where there is one, and the kernel's memory where it has its own", () => {
    const one = host("one", "10.0.1.2", { memoryMiB: 4096 });
    const own = { ...context, network: bridgedNetwork, ownKernelMiB: () => 512 };
    const body = new UmlBody(own, "ins-one", "/labs/kha123456/hosts/ins-one");
    expect(launchSettings(context, one).split("\n")).toContain("BRIDGE=''");
    expect(launchSettings(own, one, body.settings(one)).split("\n")).toEqual(
      expect.arrayContaining([
        "BRIDGE='s-1'",
        "KERNEL_MODULES='/modules'",
        "MEMORY_MIB='512'",
        "DISKS='/labs/kha123456/disks'",
      ]),
    );
    expect(body.memoryLimitMiB(one)).toBeGreaterThan(512);
  });

  it("gives disks of a kernel of its own that kernel's numbers", () => {
    expect(["vdb", "vdc", "vdz"].map(ubdNumbers)).toEqual(
      [16, 32, 400].map((minor) => ({ major: 98, minor })),
    );
  });

  it("names the instance and its keys to cloud-init", () => {
    expect(metaData(host("one", "10.0.1.2", { publicKeys: ["ssh-ed25519 AAAA"] }))).toBe(
      "instance-id: ins-one\nlocal-hostname: one\npublic-keys:\n  - ssh-ed25519 AAAA\n",
    );
  });
});

describe("names and addresses", () => {
  it("come from the instance", () => {
    expect(linkOf("ins-1a2b3c4d")).toBe("h-1a2b3c4d");
    expect(macOf("10.0.1.2")).toBe("52:54:0a:00:01:02");
    expect(gatewayOf("10.0.1.0/24")).toBe("10.0.1.1");
    expect(prefixOf("10.0.1.0/24")).toBe(24);
  });

  it.each(["ins-", "eni-1a2b3c4d", "ins-1234567890123", "ins-a/b"])("%s names no link", (id) => {
    expect(() => linkOf(id)).toThrow(/1 to 12 of a-z, 0-9/);
  });
});

describe("a sweep", () => {
  it.each(["", "kha", "lab", "kha../..", "KHA123456"])(
    'refuses "%s", which is no lab id',
    async (id) => {
      expect(() => inventory(id)).toThrow(/is no lab id/);
      await expect(sweep(id)).rejects.toThrow(/is no lab id/);
    },
  );
});

describe("a limit of the machine", () => {
  let dir: string;
  const limit = (): { file: string; needed: number } => ({
    file: join(dir, "limit"),
    needed: 4096,
  });
  const value = (): string => readFileSync(join(dir, "limit"), "utf8");
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "limit-"));
    mkdirSync(join(dir, "register"));
    writeFileSync(join(dir, "limit"), "128\n");
    writeFileSync(join(dir, "register", "other"), "");
  });
  afterEach(() => rmSync(dir, { recursive: true }));
  const register = (): string => join(dir, "register", "inotify");

  it("is raised while labs need it, and put back by the last", () => {
    raiseLimit("kha000001", limit(), register());
    raiseLimit("kha000002", limit(), register());
    raiseLimit("kha000002", limit(), register());
    expect(value()).toBe("4096");
    expect(restingValue(limit(), register())).toBe(128);
    restoreLimit("kha000001", limit(), register());
    expect(value()).toBe("4096");
    expect([holdsLimit("kha000001", register()), holdsLimit("kha000002", register())]).toEqual([
      false,
      true,
    ]);
    restoreLimit("kha000002", limit(), register());
    expect(value()).toBe("128");
    expect(existsSync(register())).toBe(false);
    restoreLimit("kha000002", limit(), register());
  });

  it("is left alone where it is high enough, or where somebody else has changed it since", () => {
    writeFileSync(join(dir, "limit"), "8192");
    raiseLimit("kha000001", limit(), register());
    restoreLimit("kha000001", limit(), register());
    expect(value()).toBe("8192");
    expect(restingValue(limit(), register())).toBe(8192);
    writeFileSync(join(dir, "limit"), "128");
    raiseLimit("kha000001", limit(), register());
    writeFileSync(join(dir, "limit"), "1000");
    restoreLimit("kha000001", limit(), register());
    expect(value()).toBe("1000");
  });
});
