import fc from "fast-check";
import { type ClusterPlan, hostAliases } from "../../../components/plan";
import type { ClusterConfigInput } from "../../../components/plan/config";
import { registryEndpoints } from "../../../components/plan/registryEndpoints";
import { first, line, minimalConfig, planHaving, problemsIn } from "./fixture";

type Registry = Extract<NonNullable<ClusterConfigInput["registry"]>, { kind: "distribution" }>;

const registry: Registry = {
  ...{ kind: "distribution", members: 2, instanceType: "S5.MEDIUM2" },
  cos: { bucket: "images-1250000000" },
};
const planWith = (changed: Partial<Registry> = {}, more: Partial<ClusterConfigInput> = {}) =>
  planHaving({ registry: { ...registry, ...changed }, ...more });

/** Inbound rules of a role's group because of the registry. */
const rules = ({ securityGroups }: ClusterPlan, role: string) =>
  securityGroups
    .find((group) => group.role === role)
    ?.ingress.filter(({ description }) => description.startsWith("registry"))
    .map(({ protocol, port, role: from, cidr }) => `${protocol} ${port} ${from ?? cidr}`);

describe("hosts", () => {
  test("are of a role, a group and a security group of their own", () => {
    const { hosts, placementGroups } = planWith();
    const own = hosts.filter(({ role }) => role === "registry");
    expect(own.map(({ name, address, duties }) => [name, address, duties])).toEqual([
      ["prod-registry-1", "10.0.0.58", ["registry"]],
      ["prod-registry-2", "10.0.0.59", ["registry"]],
    ]);
    expect(placementGroups.find(({ role }) => role === "registry")).toMatchObject({
      ...{ name: "prod-registry", type: "HOST", affinity: 1 },
      members: ["prod-registry-1", "prod-registry-2"],
    });
    expect(own.every(({ dataDisk }) => dataDisk === undefined)).toBe(true);
  });

  test("a cluster without one has nothing of it", () => {
    const without = planHaving({});
    expect(without.registry).toBeUndefined();
    expect(without.entry.extraFrontends).toBeUndefined();
    expect(without.securityGroups.map(({ role }) => role)).not.toContain("registry");
  });

  test("whatever the keys and zones, it moves nobody else, and changes no rule but the balancers'", () => {
    const keys = fc.uniqueArray(fc.constantFrom("1", "2", "3", "4", "5", "6"), { minLength: 2 });
    const zones = ["ap-guangzhou-3", "ap-guangzhou-4"];
    const network = {
      vpcCidr: "10.0.0.0/16",
      zones: zones.map((zone, at) => ({ zone, subnetCidr: `10.0.${at * 16}.0/20` })),
    };
    const without = planHaving({ network });
    const rest = ({ hosts }: ClusterPlan) => hosts.filter(({ role }) => role !== "registry");
    const groups = ({ securityGroups }: ClusterPlan) =>
      securityGroups.filter(({ role }) => !["registry", "balancer"].includes(role));
    fc.assert(
      fc.property(keys, fc.infiniteStream(fc.constantFrom(...zones)), (members, stream) => {
        const placed = members.map((key) => ({ key, zone: stream.next().value as string }));
        const plan = planWith({ members: placed }, { network });
        expect(rest(plan)).toEqual(rest(without));
        expect(groups(plan)).toEqual(groups(without));
        const addresses = plan.hosts.map(({ address }) => address);
        expect(new Set(addresses).size).toBe(addresses.length);
        expect(plan.faultTolerance).toEqual(without.faultTolerance);
      }),
      { numRuns: 50 },
    );
  });
});

describe("the way there", () => {
  test("nodes, the bastion and declared ranges pull, the bastion and others push, and only HAProxy reaches the hosts", () => {
    const plan = planWith({ allowedCidrs: ["10.8.0.0/16"], pushCidrs: ["10.9.0.0/16"] });
    expect(rules(plan, "balancer")).toEqual([
      ...["worker", "master", "bastion", "10.8.0.0/16"].map((from) => `TCP 443 ${from}`),
      ...["bastion", "10.9.0.0/16"].map((from) => `TCP 5443 ${from}`),
    ]);
    expect(rules(plan, "registry")).toEqual(["TCP 5000 balancer", "TCP 5001 balancer"]);
    for (const role of ["etcd", "master", "worker", "bastion"])
      expect(rules(plan, role)).toEqual([]);
  });

  test("HAProxy ends TLS for its name, and asks each host whether its program works, not the storage", () => {
    const { entry } = planWith();
    const shared = {
      ...{ mode: "https", hostname: "registry.prod.internal", address: "10.0.0.10" },
      check: { path: "/", tls: false },
    };
    expect(entry.extraFrontends).toMatchObject([
      { name: "registry", port: 443, ...shared },
      { name: "registry-push", port: 5443, ...shared },
    ]);
    expect(
      entry.extraFrontends?.map(({ servers }) =>
        servers.map(({ address, port }) => `${address}:${port}`),
      ),
    ).toEqual([
      ["10.0.0.58:5000", "10.0.0.59:5000"],
      ["10.0.0.58:5001", "10.0.0.59:5001"],
    ]);
  });

  test("it stands beside other services, on masters and behind directors, too", () => {
    const web = { name: "web", port: 8080, servers: ["10.9.0.10:80"] };
    const fronted = ({ entry }: ClusterPlan) => entry.extraFrontends?.map(({ name }) => name);
    const onMasters = planWith(
      {},
      { entry: { kind: "vip", on: "masters", extraFrontends: [web] } },
    );
    expect(fronted(onMasters)).toEqual(["web", "registry", "registry-push"]);
    // The group of balancers is there for another kind of entry, and empty.
    expect(rules(onMasters, "registry")).toEqual(
      [5000, 5001].flatMap((port) => [`TCP ${port} master`, `TCP ${port} balancer`]),
    );
    const pair = { members: 2, instanceType: "S5.MEDIUM2" };
    const lvs = { kind: "lvs", forwarding: "nat", directors: pair, balancers: pair } as const;
    const behind = planWith({}, { entry: lvs });
    expect(fronted(behind)).toEqual(["registry", "registry-push"]);
    expect(rules(behind, "balancer")).toEqual(["TCP 443 director", "TCP 5443 director"]);
  });

  test("nodes and the bastion know its name; etcd and its own hosts need not", () => {
    const plan = planWith();
    const knowing = plan.hosts.filter((host) =>
      hostAliases(plan, host).some(({ names }) => names.includes("registry.prod.internal")),
    );
    expect([...new Set(knowing.map(({ role }) => role))]).toEqual(["bastion", "master", "worker"]);
  });
});

describe("where nodes ask for images", () => {
  const asked = (plan: ClusterPlan, of: "workers" | "masters" | "etcd" = "workers") =>
    registryEndpoints(plan, first(plan[of])).map(({ registry: name, before, server }) =>
      [`${name}:`, ...before.map(({ url }) => url), ...(server ? [`last ${server.url}`] : [])].join(
        " ",
      ),
    );

  test("here first for the cluster's own images, then where they came from before", () => {
    const plan = planWith();
    expect(asked(plan)).toEqual([
      "registry.prod.internal: last https://registry.prod.internal",
      "registry.test: https://registry.prod.internal/v2/registry.test",
    ]);
    expect(asked(plan, "masters")).toEqual(asked(plan));
    expect(asked(plan, "etcd")).toEqual([]);
  });

  test("of the projects' own registries, before the preset's mirrors", () => {
    const plan = planWith({ port: 5000 }, { sources: { preset: "china" } });
    expect(asked(plan)).toEqual([
      "registry.prod.internal:5000: last https://registry.prod.internal:5000",
      "docker.io: https://registry.prod.internal:5000/v2/docker.io https://mirror.ccs.tencentyun.com",
      "quay.io: https://registry.prod.internal:5000/v2/quay.io https://quay.tencentcloudcr.com",
      "registry.k8s.io: https://registry.prod.internal:5000/v2/registry.k8s.io https://k8s.m.daocloud.io",
      "ghcr.io: https://registry.prod.internal:5000/v2/ghcr.io https://ghcr.m.daocloud.io",
    ]);
  });

  test("of those that are named, and of no other", () => {
    const images = { insecureRegistries: ["10.0.0.1:5000"] };
    expect(asked(planWith({ mirrored: ["10.0.0.1:5000"] }, { images }))).toEqual([
      "registry.prod.internal: last https://registry.prod.internal",
      "10.0.0.1:5000: https://registry.prod.internal/v2/10.0.0.1_5000 last http://10.0.0.1:5000",
    ]);
    expect(asked(planWith({ mirrored: [] }))).toEqual([
      "registry.prod.internal: last https://registry.prod.internal",
    ]);
  });
});

test("images are below a prefix of their own, apart from the cluster's snapshots", () => {
  expect(planWith().registry?.store).toEqual({
    ...{ bucket: "images-1250000000", region: "ap-guangzhou", appId: "1250000000" },
    endpoint: "https://cos.ap-guangzhou.myqcloud.com",
    ...{ prefix: "prod-registry/", role: "prod-registry" },
  });
});

describe("what is wrong", () => {
  const said = (changed: Partial<Registry>, more: object = {}) =>
    problemsIn({ ...minimalConfig(), registry: { ...registry, ...changed }, ...more }).map(line);

  test("all that is asked for here is right", () => {
    expect(said({})).toEqual([]);
    expect(said({ members: 6, port: 8080, pushPort: 8081, allowedCidrs: ["10.0.0.0/8"] })).toEqual(
      [],
    );
  });

  const { balancers } = minimalConfig().entry;
  test.each<[string, object, RegExp]>([
    ["clb", { kind: "clb" }, /^registry: kind clb .* or use kind vip, or lvs with balancers\.$/],
    ["nodeLocal", { kind: "nodeLocal" }, /^registry: .* that node alone.* or use kind vip, or lvs/],
    [
      "lvs without balancers",
      { kind: "lvs", forwarding: "nat", directors: balancers },
      /^registry: directors send straight to the masters.* Set entry\.balancers/,
    ],
  ])("%s has no HAProxy that could front it, and what to choose is told", (_, entry, reason) => {
    expect(said({}, { entry })).toEqual([expect.stringMatching(reason)]);
  });

  test.each<[string, Partial<Registry>, string]>([
    [
      "one host",
      { members: 1 },
      "registry.members: the registry needs 2 or more hosts: got 1, and nobody can pull or push when that one is lost. Use 2 hosts.",
    ],
    [
      "a key beyond its addresses",
      { members: ["1", "7"] },
      'registry.members.1: got key "7", but there are addresses for keys up to "6". Use keys from "1" to "6".',
    ],
    [
      "one port for both",
      { pushPort: 443 },
      "registry.pushPort: got 443, at which images are pulled. Use another port: who pulls needs no password, and who pushes does.",
    ],
    [
      "everybody",
      { pushCidrs: ["0.0.0.0/0"] },
      "registry.pushCidrs.0: got 0.0.0.0/0, which is everybody. List the ranges that its clients are in.",
    ],
    [
      "the API's name",
      { hostname: "api.prod.internal" },
      "registry.hostname: got api.prod.internal, which is a name of the API or inside the cluster's domain. Use a name that stands for this service alone.",
    ],
    [
      "itself as a registry that it has images of",
      { mirrored: ["registry.prod.internal"] },
      "registry.mirrored: got registry.prod.internal, which is the cluster's own registry. Take it out: nodes know where it is.",
    ],
    [
      "a bucket without the account's number",
      { cos: { bucket: "images" } },
      'registry.cos.bucket: got "images". Use <name>-<appid>, such as backups-1250000000.',
    ],
  ])("%s", (_, changed, problem) => {
    expect(said(changed)).toEqual([problem]);
  });

  test.each(["port", "pushPort"] as const)("a %s that the cluster itself needs", (setting) => {
    expect(said({ [setting]: 6443 })).toEqual([
      expect.stringMatching(
        new RegExp(`^registry\\.${setting}: got 6443, which the cluster itself needs`),
      ),
    ]);
  });

  test("no release of it, or one that it is not written for", () => {
    const { distribution, ...others } = minimalConfig().versions;
    expect(said({}, { versions: others })).toEqual([
      `versions.distribution: is missing, but there is a registry. Set it to what it is to run; newest known: ${distribution}.`,
    ]);
    expect(said({}, { versions: { ...others, distribution: "v2.8.3" } })).toEqual([
      "versions.distribution: got v2.8.3, but the configuration is written for Distribution 3. Use a release of Distribution 3.",
    ]);
  });

  test("a name or a port that another service has", () => {
    const servers = ["10.9.0.10:80"];
    const extraFrontends = [
      { name: "registry", port: 8080, servers },
      { name: "web", port: 5443, servers },
    ];
    expect(said({}, { entry: { balancers, extraFrontends } })).toEqual([
      "entry.extraFrontends.0.name: got registry, which another one has. Give each a name of its own.",
      "entry.extraFrontends.1.port: got 5443, which another one has. Give each a port of its own.",
    ]);
  });
});
