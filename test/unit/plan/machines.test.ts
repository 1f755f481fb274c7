import fc from "fast-check";
import { parseClusterConfig, planCluster } from "../../../components/plan";
import { poolSettings } from "../../../components/plan/changes";
import { prepareHost } from "../../../components/preparation";
import { line, minimalConfig, planOf, problemsIn, problemsOf, type TestConfig } from "./fixture";

type Pool = TestConfig["workers"][number];
const withPool = (part: object) => (config: TestConfig) => Object.assign(config.workers[0], part);
const problems = (part: object) => problemsOf(withPool(part)).map(line);
const worker = (part: Partial<Pool>) => {
  const plan = planOf(withPool(part));
  const [host] = plan.workers;
  if (host === undefined) throw new Error("there is no worker");
  return { plan, host, ...prepareHost(plan, host) };
};

describe("a worker's data disk", () => {
  test("holds what containerd has, unless it is said to be for something else", () => {
    expect(worker({ dataDisk: {} }).host.dataDisk).toEqual({
      name: "prod-worker-1-data",
      type: "CLOUD_PREMIUM",
      sizeGiB: 100,
      encrypt: false,
      mountPoint: "/var/lib/containerd",
    });
    const { dataDisk } = worker({ dataDisk: { mountPath: "/data/pv" } }).host;
    expect(dataDisk?.mountPoint).toBe("/data/pv");
  });

  test.each([
    ["/var/lib/containerd", true, true],
    ["/data", false, true],
  ])(
    "at %s: containerd waits for it (%s), and the kubelet (%s)",
    (mountPath, ofContainerd, ofKubelet) => {
      const { files, params } = worker({ dataDisk: { mountPath } });
      const waits = (unit: string) =>
        files
          .find(({ path }) => path === `/etc/systemd/system/${unit}.service`)
          ?.content.includes(`ExecStartPre=/usr/bin/mountpoint -q ${mountPath}\n`);
      expect([waits("containerd"), waits("kubelet")]).toEqual([ofContainerd, ofKubelet]);
      // etcd's alone is measured.
      expect(params).toMatchObject({ DISK_DIR: mountPath, DISK_GIB: 100, DATA_DIR: "" });
    },
  );

  test("is nobody's who has none, and etcd's is what it was", () => {
    const plan = planOf();
    const [bastion, etcd, master, one] = [
      plan.bastion,
      plan.etcd[0],
      plan.masters[0],
      plan.workers[0],
    ];
    for (const host of [bastion, master, one]) {
      if (host === undefined) throw new Error("a host is missing");
      const { params } = prepareHost(plan, host);
      expect(params).toMatchObject({ DISK_DIR: "", DISK_GIB: 0, DATA_DIR: "" });
    }
    if (etcd === undefined) throw new Error("there is no member");
    expect(prepareHost(plan, etcd).params).toMatchObject({
      ...{ DISK_DIR: "/var/lib/etcd", DISK_GIB: 50, DATA_DIR: "/var/lib/etcd" },
    });
  });

  const allowed = "Use /var/lib/containerd, or a directory that is /data, /mnt or /srv or below";
  test.each([
    "/",
    "/var/lib/kubelet",
    "/var/lib/etcd",
    "/etc",
    "/data/",
    "/data/../etc",
    "/data//x",
    "data",
    "/mnt2",
    "/data/.x",
  ])("is not mounted at %s", (mountPath) => {
    expect(problems({ dataDisk: { mountPath } })).toEqual([
      `workers.0.dataDisk.mountPath: got ${JSON.stringify(mountPath)}. ${allowed}.`,
    ]);
  });

  test("wherever it may be, nothing is there that a host has of its own, and no path leads out", () => {
    const part = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,8}$/);
    fc.assert(
      fc.property(
        fc.constantFrom("data", "mnt", "srv"),
        fc.array(part, { maxLength: 4 }),
        (top, parts) => {
          const mountPath = `/${[top, ...parts].join("/")}`;
          expect(problems({ dataDisk: { mountPath } })).toEqual([]);
          const { files, host } = worker({ dataDisk: { mountPath } });
          expect(new URL(`file://${mountPath}`).pathname).toBe(mountPath);
          expect(files.filter(({ path }) => path.startsWith(`/${top}`))).toEqual([]);
          expect(host.dataDisk?.mountPoint).toBe(mountPath);
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe("charge", () => {
  test("is hourly unless it is said to be otherwise, and of nobody but workers", () => {
    const plan = planOf(withPool({ charge: { kind: "spot", maxPrice: "0.35" } }));
    const kinds = plan.hosts.map(({ role, charge }) => [role, charge.kind]);
    for (const [role, kind] of kinds) expect(kind).toBe(role === "worker" ? "spot" : "hourly");
  });

  test.each([
    [
      { kind: "monthly" },
      'workers.0.charge.kind: got "monthly". Use one of hourly, spot, prepaid.',
    ],
    [{ kind: "spot" }, "workers.0.charge.maxPrice: is missing. Set it to a text."],
    [
      { kind: "spot", maxPrice: "0" },
      'workers.0.charge.maxPrice: got "0". Use a price above zero as a text, such as "0.35", in the account\'s currency.',
    ],
    [{ kind: "prepaid" }, "workers.0.charge.months: is missing. Set it to a number."],
    [{ kind: "prepaid", months: 13 }, "workers.0.charge.months: got 13. Use 1 to 12, 24 or 36."],
    [
      { kind: "hourly", months: 1 },
      "workers.0.charge.months: there is no such setting. Remove it; known here are kind.",
    ],
  ])("%j is refused", (charge, said) => {
    expect(problems({ charge })).toEqual([said]);
  });

  test.each(["bastion", "etcd", "masters"] as const)(
    "%s is told that it is for workers",
    (section) => {
      const config = minimalConfig();
      const input = { ...config, [section]: { ...config[section], charge: { kind: "spot" } } };
      expect(problemsIn(input).map(line)).toEqual([
        `${section}.charge: there is no such setting. Remove it; only workers may be spot or prepaid: others are members of something that must not end by itself.`,
      ]);
    },
  );
});

describe("image and architecture", () => {
  test("are the pool's, where it has some, and programs are of the architecture", () => {
    const { host, plan, params } = worker({ architecture: "arm64", imageId: "img-arm64000" });
    expect(host).toMatchObject({ architecture: "arm64", imageId: "img-arm64000" });
    expect(plan.masters[0]).toMatchObject({ architecture: "amd64", imageId: "img-7ag0z2jt" });
    const programs = (params["ARTIFACTS"] as string[]).map((each) => each.split(" ")[0]);
    expect(programs).toContain("kubernetes/v1.36.3/arm64/kubelet");
    for (const program of programs) expect(program).toContain("/arm64/");
  });

  test("another architecture takes an image of it", () => {
    const said =
      'workers.0.imageId: pool "worker" is arm64, and its image that of all hosts, which are amd64. Set it to the id of an image for arm64.';
    expect(problems({ architecture: "arm64" })).toEqual([said]);
    expect(problems({ architecture: "arm64", imageId: "img-7ag0z2jt" })).toEqual([said]);
    expect(problems({ architecture: "amd64" })).toEqual([]);
  });
});

describe("a member's own instance type", () => {
  const members = [{ key: "1", instanceType: "S5.16XLARGE256" }, "2"];

  test("is that member's alone, with what its size makes of its kubelet", () => {
    const plan = planOf((config) => (config.workers[0].members = members));
    expect(plan.workers.map(({ instanceType, size }) => [instanceType, size.memoryGiB])).toEqual([
      ["S5.16XLARGE256", 256],
      ["S5.8XLARGE64", 64],
    ]);
    const [large, usual] = plan.workers.map(
      (host) =>
        prepareHost(plan, host).files.find(({ path }) => path.includes("kubeletconfig"))?.content,
    );
    expect(large).toContain("memory: 4Gi");
    expect(usual).toContain("memory: 2Gi");
  });

  test("may be a master's, and is held to what a node needs", () => {
    const found = problemsOf((config) => {
      config.masters.members = ["1", { key: "2", instanceType: "S5.SMALL4" }, "3"];
      config.kubelet = { kubeReserved: { memory: "3Gi" } };
    });
    expect(found.map(({ path }) => path)).toEqual(["masters.members.1.instanceType"]);
  });
});

describe("a script at first boot", () => {
  test.each([
    ["echo hello", "a script, whose first line names its interpreter, such as #!/bin/bash"],
    ["#cloud-config\n", "a script, whose first line names its interpreter, such as #!/bin/bash"],
    [`#!/bin/sh\n${"x".repeat(6144)}`, "at most 6144 bytes; a script may fetch the rest"],
    [`#!/bin/sh\n${"ü".repeat(3072)}`, "at most 6144 bytes; a script may fetch the rest"],
  ])("%j is refused", (firstBootScript, wanted) => {
    expect(problemsOf(withPool({ firstBootScript }))).toMatchObject([
      { path: "workers.0.firstBootScript", fix: `Use ${wanted}` },
    ]);
  });
});

test("what a pool keeps does not depend on other pools, nor on how many workers it has", () => {
  const kinds = fc.constantFrom<Pool["charge"]>(
    ...[{ kind: "hourly" as const }, { kind: "spot" as const, maxPrice: "1" }],
    { kind: "prepaid", months: 1 },
  );
  const disks = fc.option(
    fc.record({ mountPath: fc.constantFrom("/data", "/var/lib/containerd") }),
    { nil: undefined },
  );
  const pool = fc.record({
    charge: kinds,
    dataDisk: disks,
    members: fc.integer({ min: 0, max: 3 }),
  });
  fc.assert(
    fc.property(fc.array(pool, { minLength: 1, maxLength: 4 }), (parts) => {
      const config = minimalConfig();
      const workers = parts.map((part, index) => ({
        ...{ pool: `pool-${index}`, instanceType: "S5.8XLARGE64", addressBlock: index },
        ...part,
      }));
      const kept = (some: object[]) =>
        new Map(poolSettings(planCluster(parseClusterConfig({ ...config, workers: some }))));
      const all = kept(workers);
      expect(all.size).toBe(workers.length);
      for (const each of workers)
        expect(kept([{ ...each, members: 1 }]).get(each.pool)).toEqual(all.get(each.pool));
    }),
    { numRuns: 30 },
  );
});
