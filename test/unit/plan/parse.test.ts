import { parseClusterConfig } from "../../../components/plan";
import { line, minimalConfig, problemsIn, problemsOf, type TestConfig } from "./fixture";

const problemsAfter = (change: (config: TestConfig) => unknown): string[] =>
  problemsOf(change).map(line);

/** For what the type of the configuration does not allow. */
function set(config: object, path: string, value: unknown): void {
  const keys = path.split(".");
  const last = keys.pop() ?? "";
  const parent = keys.reduce<Record<string, unknown>>(
    (at, key) => {
      return at[key] as Record<string, unknown>;
    },
    config as Record<string, unknown>,
  );
  parent[last] = value;
}

test("the minimal configuration is right, and its defaults are these", () => {
  expect(parseClusterConfig(minimalConfig())).toMatchObject({
    architecture: "amd64",
    sshUser: "kubernetes",
    networkInterface: "eth0",
    network: { podCidr: "10.244.0.0/16", serviceCidr: "10.96.0.0/16", nodePortCidrs: [] },
    etcd: {
      topology: "external",
      members: [{ key: "1" }, { key: "2" }, { key: "3" }],
      disk: { type: "CLOUD_HSSD", sizeGiB: 50 },
    },
    entry: { kind: "vip", virtualRouterId: 51 },
    packages: {},
    kubelet: { cgroupDriver: "systemd", failSwapOn: true, maxPods: 110 },
    containerd: { restrictOomScoreAdj: false },
    controlPlane: { podEvictionSeconds: 300 },
    preflight: { cloud: true, clockSkewMs: 500, fdatasyncMs: 10 },
  });
});

test("releases are kept with one leading v, whichever way they were written", () => {
  const config = minimalConfig();
  Object.assign(config.versions, { kubernetes: "1.36.3", etcd: "v3.7.3", pause: "v3.10.2" });
  expect(parseClusterConfig(config).versions).toMatchObject({
    kubernetes: "v1.36.3",
    etcd: "v3.7.3",
    pause: "3.10.2",
  });
});

test("a release that is not pinned is a problem, whose fix names the newest known", () => {
  const config: Record<string, unknown> = { ...minimalConfig() };
  config.versions = { ...minimalConfig().versions, kubernetes: undefined };
  expect(problemsIn(config).map(line)).toEqual([
    "versions.kubernetes: is missing. Set it to what it is to run; newest known: v1.36.3.",
  ]);
  delete config.versions;
  expect(problemsIn(config).map(line)).toEqual([
    "versions: is missing. Set it to what it is to run; newest known: kubernetes v1.36.3, etcd v3.7.3, containerd v2.4.2, flannel v0.28.4, coredns v1.15.0, pause 3.10.2.",
  ]);
});

test("everything that is wrong is listed in one error, shape and rules alike", () => {
  const config = minimalConfig();
  set(config, "name", "Prod");
  set(config, "arcitecture", "amd64");
  set(config, "etcd.members", 4);
  set(config, "masters.members", 1);
  set(config, "bastion", { instanceType: "huge" });
  set(config, "network.podCidr", "100.64.0.0/16");
  const said = [
    "The cluster configuration has 7 problems:",
    '  1. name: got "Prod". Use lower-case letters, digits and single hyphens, a letter first, no hyphen last.',
    '  2. bastion.instanceType: got "huge". Use a CVM instance type such as S5.LARGE8.',
    "  3. bastion.allowedCidrs: is missing. Set it to a list.",
    "  4. arcitecture: there is no such setting. Did you mean architecture.",
    "  5. etcd.members: etcd needs 3, 5 or 7 members: got 4; an even count tolerates 1 lost, no more than 3 do, and fails more often. Use 3 or 5 members.",
    "  6. masters.members: masters need 2 or more members: got 1, and the API is gone with the first one lost. Use 2 or more masters; 3 keep two while one is upgraded.",
    "  7. network.podCidr: 100.64.0.0/16 overlaps 100.64.0.0/10 of the platform. Give network.podCidr a range that shares no address with it.",
  ];
  expect(() => parseClusterConfig(config)).toThrow(new Error(said.join("\n")));
});

test.each<[string, unknown, string]>([
  ["name", "a".repeat(21), "Use a text of at most 20 characters."],
  ["name", undefined, "name: is missing"],
  ["imageId", "ubuntu", 'imageId: got "ubuntu". Use an image id such as img-7ag0z2jt.'],
  ["etcd.disk", { type: "FLOPPY" }, "one of CLOUD_PREMIUM, CLOUD_BSSD"],
  ["etcd.disk", { sizeGiB: 55 }, "etcd.disk.sizeGiB: got 55. Use a multiple of 10."],
  ["etcd.disk", { sizeGiB: 10 }, "etcd.disk.sizeGiB: got 10. Use a number of at least 20."],
  ["etcd.disk", { type: "CLOUD_PREMIUM" }, "etcd elects a new leader when they do"],
  ["etcd.topology", "inner", 'etcd.topology: got "inner". Use one of external, stacked.'],
  ["etcd.members", "3", 'etcd.members: got "3". Use a count, or a list of keys.'],
  ["etcd.members", ["1", "2", "x9"], 'etcd.members.2: got "x9"'],
  ["etcd.members", ["1", "2", { kee: "3" }], "Did you mean etcd.members.2.key"],
  ["etcd.instancetype", "S5.LARGE8", "Did you mean etcd.instanceType"],
  ["network.zones", [], "network.zones: got []. Use a list of at least 1 entry."],
  ["network.vpcCidr", "10.0.0.1/16", "no host bits set"],
  ["masters.instanceType", "S5.HUGE8", "a CVM instance type such as S5.LARGE8"],
  ["sources.baseUrl", "ftp://x", 'sources.baseUrl: got "ftp://x"'],
  ["sources.checksums", { "a/b": "123" }, "a sha256"],
  ["sources.imageRepository", "https://x/y", "no scheme"],
  ["sources.kind", "mirrors", 'sources.kind: got "mirrors". Use one of upstream, mirror.'],
  [
    "sources.baseUrl",
    undefined,
    "sources.baseUrl: is missing. Set it to the address of your mirror, or use sources.kind upstream.",
  ],
  [
    "sources",
    { baseUrl: "https://x" },
    "sources.baseUrl: there is no such setting. Remove it; known here are kind, preset, releases, checksums.",
  ],
  ["sources", { preset: "asia" }, 'sources.preset: got "asia". Use one of global, china.'],
  [
    "artifacts",
    { baseUrl: "https://x" },
    "artifacts: there is no such setting. It is sources.baseUrl and sources.checksums, with sources.kind mirror.",
  ],
  [
    "images",
    { repository: "x.test/y" },
    "images.repository: there is no such setting. It is sources.imageRepository, with sources.kind mirror.",
  ],
  ["images", { mirrors: { "docker.io": ["mirror.test"] } }, "images.mirrors.docker.io.0: got"],
  ["images", { mirrors: { "https://x": [] } }, 'images.mirrors: got the key "https://x"'],
  ["kubelet", { cgroupDriver: "none" }, "kubelet.cgroupDriver"],
  ["kubelet", { cgroupDrivr: "systemd" }, "Did you mean kubelet.cgroupDriver"],
  ["zzz", 1, "zzz: there is no such setting. Remove it; known here are name,"],
  ["network.zzz", 1, "network.zzz: there is no such setting. Remove it; known here are vpcCidr,"],
  ["name", 3, "name: got 3. Use a text."],
  ["network", 3, "network: got 3. Use an object."],
  ["network", null, "network: got null. Use an object."],
  ["sources.checksums", 3, "sources.checksums: got 3. Use an object of names and values."],
  ["etcd.disk", { sizeGiB: "50" }, 'etcd.disk.sizeGiB: got "50". Use a number.'],
  ["kubelet", { maxPods: 1.5 }, "kubelet.maxPods: got 1.5. Use a whole number."],
  ["preflight", { cloud: "yes" }, 'preflight.cloud: got "yes". Use true or false.'],
])("shape: %s = %j", (path, value, expected) => {
  const config = minimalConfig();
  set(config, path, value);
  expect(problemsIn(config).map(line).join("\n")).toContain(expected);
});

test.each([
  [null, "got null. Use an object"],
  [undefined, "is missing. Set it to an object"],
  [3, "got 3. Use an object"],
  ["x", 'got "x". Use an object'],
  [[], "got []. Use an object"],
])("%j is no configuration", (input, expected) => {
  expect(problemsIn(input).map(line)).toEqual([`(the whole object): ${expected}.`]);
});

describe("rules between fields", () => {
  test.each([
    [0, "Use 3 members"],
    [1, "loses its quorum with the first member"],
    [2, "Use 3 members"],
    [4, "got 4; an even count tolerates 1 lost, no more than 3 do"],
    [6, "Use 5 or 7 members"],
    [8, "Use 7 members"],
    [9, "every write waits for 5 of them"],
  ])("etcd of %i members is refused", (members, expected) => {
    const problems = problemsAfter((config) => (config.etcd.members = members));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^etcd\.members: etcd needs 3, 5 or 7 members: got/);
    expect(problems[0]).toContain(expected);
  });

  test.each([3, 5, 7])("etcd of %i members is right", (members) => {
    expect(problemsAfter((config) => (config.etcd.members = members))).toEqual([]);
  });

  test.each([0, 1])("%i masters or balancers are refused", (members) => {
    expect(problemsAfter((config) => (config.masters.members = members))).toEqual([
      expect.stringContaining(`masters need 2 or more members: got ${members}`),
    ]);
    expect(problemsAfter((config) => (config.entry.balancers.members = members))).toEqual([
      expect.stringContaining(`the API entry needs 2 or more balancers: got ${members}`),
    ]);
  });

  test("keys are there once, by name and by address", () => {
    expect(problemsAfter((config) => (config.etcd.members = ["1", "2", "2"]))).toEqual([
      'etcd.members.2: key "2" is there twice. Give every member a key of its own: numbers or letters, not both.',
    ]);
    expect(problemsAfter((config) => (config.masters.members = ["1", "a"]))).toEqual([
      expect.stringContaining('keys "1" and "a" have the same address'),
    ]);
    expect(problemsAfter((config) => (config.workers[0].members = ["a", "a"]))).toEqual([
      expect.stringContaining('workers.0.members.1: key "a" is there twice'),
    ]);
  });

  test("keys have an address", () => {
    expect(problemsAfter((config) => (config.masters.members = ["1", "33"]))).toEqual([
      expect.stringContaining('masters.members.1: got key "33", but there are addresses for keys'),
    ]);
  });

  test("a placement group holds 50", () => {
    const problems = problemsAfter((config) => (config.masters.members = 51));
    expect(problems.join()).toContain("a HOST placement group holds 50");
  });

  test.each([
    [
      "podCidr",
      "10.0.64.0/18",
      "network.podCidr: 10.0.64.0/18 overlaps 10.0.0.0/16 of network.vpcCidr",
    ],
    ["podCidr", "100.64.0.0/16", "overlaps 100.64.0.0/10 of the platform"],
    ["podCidr", "169.254.0.0/16", "overlaps 169.254.0.0/16 of the link-local range"],
    ["podCidr", "10.244.0.0/25", "got a /25, but every node takes a /24 of it"],
    ["podCidr", "10.244.0.0/22", "has room for 4 nodes: got 5"],
    ["serviceCidr", "10.244.0.0/20", "overlaps 10.244.0.0/20 of network.serviceCidr"],
    ["serviceCidr", "10.96.0.0/26", "the API takes /12 to /24"],
    ["vpcCidr", "100.0.0.0/8", "network.vpcCidr: 100.0.0.0/8 overlaps 100.64.0.0/10"],
    ["vpcCidr", "11.0.0.0/16", "got 11.0.0.0/16, but a VPC lies in 10.0.0.0/8, 172.16.0.0/12"],
    ["vpcCidr", "10.1.0.0/16", "10.0.0.0/20 is not inside network.vpcCidr 10.1.0.0/16"],
  ] as const)("ranges: %s %s", (field, cidr, expected) => {
    const problems = problemsAfter((config) => (config.network[field] = cidr));
    expect(problems.join("\n")).toContain(expected);
  });

  test("subnets hold the layout, do not overlap, and zones are there once", () => {
    const problems = problemsAfter((config) => {
      config.network.zones = [
        { zone: "ap-guangzhou-3", subnetCidr: "10.0.0.0/25" },
        { zone: "ap-guangzhou-3", subnetCidr: "10.0.0.0/24" },
      ];
    });
    expect(problems).toEqual([
      expect.stringContaining("zone ap-guangzhou-3 is there twice"),
      expect.stringContaining("10.0.0.0/25 overlaps 10.0.0.0/24"),
      expect.stringContaining("got a /25, but addresses are laid out for /16 to /24"),
      expect.stringContaining('has no address for worker "1"'),
    ]);
  });

  test("only zones of the network are used", () => {
    const problems = problemsAfter((config) => {
      config.masters.members = ["a", { key: "b", zone: "ap-guangzhou-9" }];
      config.workers[0].zone = "ap-guangzhou-8";
    });
    expect(problems).toEqual([
      expect.stringContaining("masters.members.1.zone: got zone ap-guangzhou-9"),
      expect.stringContaining("workers.0.zone: got zone ap-guangzhou-8"),
    ]);
  });

  test("a VIP stays in one zone, and no zone of several holds a quorum", () => {
    const other = "ap-guangzhou-4";
    const problems = problemsAfter((config) => {
      config.network.zones.push({ zone: other, subnetCidr: "10.0.16.0/20" });
      config.entry.balancers.members = ["a", { key: "b", zone: other }];
      config.etcd.members = ["a", "b", { key: "c", zone: other }];
    });
    expect(problems).toEqual([
      expect.stringContaining("ap-guangzhou-3 holds 2 of 3 etcd members, a quorum"),
      expect.stringContaining("a HAVIP belongs to one subnet, so to one zone"),
    ]);
  });

  test("the VIP lies where no host can get its address", () => {
    expect(problemsAfter((config) => (config.entry.vip = "10.0.0.64"))).toEqual([
      expect.stringContaining("entry.vip: got 10.0.0.64, but the addresses for it are 10 to 19 of"),
    ]);
    expect(problemsAfter((config) => (config.entry.vip = "10.0.0.19"))).toEqual([]);
  });

  test("pools have names and addresses of their own", () => {
    const pool = { pool: "gpu", members: 2, instanceType: "S5.LARGE8" };
    expect(problemsAfter((config) => config.workers.push(pool))).toEqual([
      expect.stringContaining('workers.1.addressBlock: got 0, whose addresses pool "worker" has'),
    ]);
    expect(problemsAfter((config) => config.workers.push({ ...pool, addressBlock: 4 }))).toEqual(
      [],
    );
    expect(problemsAfter((config) => (config.workers[0].pool = "etcd"))).toEqual([
      expect.stringContaining("the pool of a role"),
    ]);
    expect(
      problemsAfter((config) => config.workers.push({ ...pool, pool: "worker", addressBlock: 4 })),
    ).toEqual([expect.stringContaining('pool "worker" is there twice')]);
    expect(
      problemsAfter((config) => {
        config.network.zones[0].subnetCidr = "10.0.0.0/24";
        config.workers[0].members = 128;
      }),
    ).toEqual([expect.stringContaining('has no address for worker "128" of block 0')]);
  });

  test("labels are those a node may give itself", () => {
    expect(
      problemsAfter((config) => {
        config.workers[0].labels = {
          "example.com/disk": "fast",
          "node.kubernetes.io/kind": "gpu",
          "node-role.kubernetes.io/worker": "",
        };
      }),
    ).toEqual([expect.stringContaining("got label node-role.kubernetes.io/worker")]);
  });

  test.each(["0.0.0.0/0", "128.0.0.0/1"])("the bastion is not open to %s", (cidr) => {
    expect(problemsAfter((config) => (config.bastion.allowedCidrs = [cidr]))).toEqual([
      expect.stringContaining(`bastion.allowedCidrs.0: ${cidr} may reach SSH (22)`),
    ]);
  });

  test("versions the rendered files are not for are refused", () => {
    expect(problemsAfter((config) => (config.versions.kubernetes = "1.32.9"))).toEqual([
      expect.stringContaining("got v1.32.9, but this needs v1.33.0 or later"),
    ]);
    for (const etcd of ["3.4.0", "3.5.24", "4.0.0"])
      expect(problemsAfter((config) => (config.versions.etcd = etcd))).toEqual([
        `versions.etcd: got v${etcd}, but this needs v3.6.0 or later, of etcd 3. Use v3.6.0 or later.`,
      ]);
    expect(problemsAfter((config) => (config.versions.containerd = "1.7.0"))).toEqual([
      expect.stringContaining("for containerd 2"),
    ]);
  });
});
