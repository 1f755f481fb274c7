import type { ClusterConfigInput } from "../../../components/plan/config";
import { ClusterConfigError } from "../../../components/plan/problems";
import { harborFault } from "../../../components/plan/registry";
import {
  parseRegistryPasswords,
  registryPasswordProblems,
} from "../../../components/plan/registryPasswords";
import { registryEndpoints } from "../../../components/plan/registryEndpoints";
import { registryWayFault } from "../../../components/registry";
import { prepareHost } from "../../../components/preparation";
import { first, line, minimalConfig, planHaving, problemsIn } from "./fixture";

type Harbor = Extract<NonNullable<ClusterConfigInput["registry"]>, { kind: "harbor" }>;

const harbor: Harbor = {
  ...{ kind: "harbor", members: 2, instanceType: "S5.MEDIUM4" },
  cos: { bucket: "images-1250000000" },
  ...{ database: { host: "10.0.9.5" }, redis: { host: "redis.prod.internal" } },
};
const planWith = (changed: Partial<Harbor> = {}, more: Partial<ClusterConfigInput> = {}) =>
  planHaving({ registry: { ...harbor, ...changed }, ...more });

describe("the plan", () => {
  test("two hosts in a strict group, which HAProxy reaches at one port for all that Harbor is", () => {
    const plan = planWith({ allowedCidrs: ["10.8.0.0/16"] });
    expect(plan.placementGroups.find(({ role }) => role === "registry")).toMatchObject({
      ...{ name: "prod-registry", type: "HOST", affinity: 1 },
      members: ["prod-registry-1", "prod-registry-2"],
    });
    const rules = (role: string) =>
      plan.securityGroups
        .find((group) => group.role === role)
        ?.ingress.filter(({ description }) => description.startsWith("registry"))
        .map(({ protocol, port, role: from, cidr }) => `${protocol} ${port} ${from ?? cidr}`);
    expect(rules("balancer")).toEqual(
      ["worker", "master", "bastion", "10.8.0.0/16"].map((from) => `TCP 443 ${from}`),
    );
    expect(rules("registry")).toEqual(["TCP 5000 balancer"]);
  });

  test("HAProxy asks what a host's core says of itself, and the storage's program of that host; neither asks what all share", () => {
    expect(planWith().entry.extraFrontends).toMatchObject([
      {
        ...{ name: "registry", port: 443, mode: "https", hostname: "registry.prod.internal" },
        check: { path: "/api/v2.0/ping", also: ["/kubernetes-ha/storage"], tls: false },
        servers: [
          { address: "10.0.0.58", port: 5000 },
          { address: "10.0.0.59", port: 5000 },
        ],
      },
    ]);
  });

  test("images are apart from those of a Distribution of the same cluster; they are pushed where they are pulled", () => {
    expect(planWith({ port: 8444 }).registry).toMatchObject({
      ...{ kind: "harbor", release: "v2.15.2", version: "v3.1.2" },
      ...{ name: "registry.prod.internal:8444", pushName: "registry.prod.internal:8444" },
      store: { prefix: "prod-harbor/", role: "prod-registry" },
      database: { host: "10.0.9.5", port: 5432, name: "registry", sslMode: "require" },
      redis: { host: "redis.prod.internal", port: 6379, tls: false },
    });
  });

  test("nodes ask the project of a registry's name first", () => {
    const plan = planWith({ mirrored: ["docker.io", "10.0.0.1:5000"] });
    const asked = registryEndpoints(plan, first(plan.workers));
    expect(asked.flatMap(({ before }) => before.map(({ url }) => url))).toEqual([
      "https://registry.prod.internal/v2/docker.io",
      "https://registry.prod.internal/v2/10.0.0.1_5000",
    ]);
  });

  test("its hosts have containerd, a kubelet that serves nothing, Harbor's images and Distribution, and nothing of a node", () => {
    const plan = planWith({}, { sources: {} });
    const { params, files } = prepareHost(plan, first(plan.registry?.hosts ?? []));
    expect(params["IMAGES"]).toEqual([
      "registry.k8s.io/pause:3.10.2",
      ...["core", "jobservice", "portal"].map(
        (name) => `docker.io/goharbor/harbor-${name}:v2.15.2`,
      ),
      "docker.io/goharbor/nginx-photon:v2.15.2",
    ]);
    const programs = (params["ARTIFACTS"] as string[]).map((each) =>
      each.replace(/^([^/]+).*?([^/ ]+) .*$/, "$1 $2"),
    );
    expect(programs).toEqual([
      ...["containerd", "ctr", "containerd-shim-runc-v2"].map((each) => `containerd ${each}`),
      "kubernetes kubelet",
      "distribution registry",
    ]);
    expect(params["LATER_SERVICES"]).toEqual(["kubernetes-ha-registry-push"]);
    const kubelet = files.find(({ path }) => path === "/var/lib/kubelet/config.yaml")?.content;
    expect(kubelet).toContain("enableServer: false\n");
    expect(kubelet).not.toContain("tlsCertFile");
    const unit = files.find(({ path }) => path.endsWith("/kubelet.service"))?.content;
    expect(unit).toContain("--hostname-override=prod-registry-1");
    expect(unit).not.toContain("mountpoint");
    expect(params["PACKAGES"]).not.toContain("iptables");
  });

  test("a mirror has its images where it has all others", () => {
    const plan = planWith();
    const { params } = prepareHost(plan, first(plan.registry?.hosts ?? []));
    expect(params["IMAGES"]).toContain("registry.test/kubernetes-ha/harbor-core:v2.15.2");
  });
});

describe("what is wrong", () => {
  const said = (changed: object, more: object = {}) =>
    problemsIn({ ...minimalConfig(), registry: { ...harbor, ...changed }, ...more }).map(line);

  test("all that is asked for here is right", () => {
    expect(said({})).toEqual([]);
    expect(
      said({ database: { host: "db.prod.internal", port: 5433, sslMode: "verify-full" } }),
    ).toEqual([]);
  });

  test.each<[string, object, string | RegExp]>([
    [
      "one host",
      { members: 1 },
      "registry.members: the registry needs 2 or more hosts: got 1, and nobody can pull or push when that one is lost. Use 2 hosts.",
    ],
    ["no database", { database: undefined }, /^registry\.database: is missing/],
    ["no Redis", { redis: undefined }, /^registry\.redis: is missing/],
    [
      "a user that a connection string would have to quote",
      { database: { host: "10.0.9.5", username: "har bor" } },
      'registry.database.username: got "har bor". Use letters, digits, underscores, dots and hyphens.',
    ],
    [
      "a password where everybody reads it",
      { database: { host: "10.0.9.5", password: "secret" } },
      /^registry\.database\.password: /,
    ],
    ["a port for pushes, which it has not", { pushPort: 5443 }, /^registry\.pushPort: /],
  ])("%s", (_, changed, problem) => {
    expect(said(changed)).toEqual([
      typeof problem === "string" ? problem : expect.stringMatching(problem),
    ]);
  });

  test("no release of it, or one that it is not written for", () => {
    const { harbor: newest, ...others } = minimalConfig().versions;
    expect(said({}, { versions: others })).toEqual([
      `versions.harbor: is missing, but there is a registry of kind harbor. Set it to what it is to run; newest known: ${newest}.`,
    ]);
    expect(said({}, { versions: { ...others, harbor: "v2.12.4" } })).toEqual([
      "versions.harbor: got v2.12.4, but the configuration is written for Harbor v2.13.0 and later, of Harbor 2. Use v2.13.0 or later.",
    ]);
  });
});

describe("another release", () => {
  test.each([
    ["v2.15.1", "v2.15.2", undefined],
    ["v2.13.0", "v2.15.2", undefined],
    ["v2.15.2", "v2.15.1", /down, over a database that is migrated/],
    ["v2.13.0", "v2.16.0", /3 minor releases at once/],
  ])("from %s to %s", (before, after, fault) => {
    const found = harborFault(before, after)?.message;
    if (fault === undefined) expect(found).toBeUndefined();
    else expect(found).toMatch(fault);
  });

  test("is refused in a preview with the setting's name, as another kind is; one that was not there is neither", () => {
    const at = (KIND: string, RELEASE = "") => ({ KIND, RELEASE });
    expect(registryWayFault(at("harbor", "v2.15.2"), at("harbor", "v2.14.0"))).toMatch(
      /^versions\.harbor: Harbor goes from v2\.15\.2 to v2\.14\.0, down/,
    );
    expect(registryWayFault(at("distribution"), at("harbor", "v2.15.2"))).toMatch(
      /^registry\.kind: got harbor, but the registry that lives is of kind distribution/,
    );
    expect(registryWayFault(at("distribution"), at("distribution"))).toBeUndefined();
    expect(registryWayFault({}, at("harbor", "v2.15.2"))).toBeUndefined();
  });
});

describe("passwords", () => {
  const distribution = { kind: "distribution" } as never;

  test("are wanted of a Harbor, and of nothing else", () => {
    const problems = (registry: unknown, given: boolean) =>
      registryPasswordProblems({ registry: registry as never }, given).map(line);
    expect(problems(harbor, true)).toEqual([]);
    expect(problems(distribution, false)).toEqual([]);
    expect(problems(undefined, false)).toEqual([]);
    expect(problems(harbor, false)).toEqual([
      "registryPasswords: is missing, but there is a registry of kind harbor, with a database. Set registryPasswords.database of the stack, as a secret, and registryPasswords.redis if Redis has a password.",
    ]);
    expect(problems(distribution, true)).toEqual([
      "registryPasswords: got passwords, but there is no registry of kind harbor that they could be for. Take them out.",
    ]);
  });

  test.each([
    ["none of the database", { redis: "x" }, "registryPasswords.database"],
    ["a blank", { database: "hidden value" }, "registryPasswords.database"],
    ["a quote, which Harbor would take for its own", { database: "hid'den" }, "database"],
    ["another", { database: "x", admin: "hidden" }, "registryPasswords"],
    ["no object", "hidden", "registryPasswords"],
  ])("%s: what is wrong is said, and no value", (_, input, path) => {
    const parse = () => parseRegistryPasswords(input);
    expect(parse).toThrow(ClusterConfigError);
    expect(parse).toThrow(path);
    expect(parse).not.toThrow("hid");
  });

  test("of any other kind", () => {
    const given = { database: "p@ss/w%rd$1", redis: "it's" };
    expect(parseRegistryPasswords(given)).toEqual(given);
  });
});
