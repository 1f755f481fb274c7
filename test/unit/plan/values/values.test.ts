import fc from "fast-check";
import type { z } from "zod";
import { label as dnsLabel } from "../../../../components/plan/fields";
import { keyPairName, sharedTags } from "../../../../components/plan/names";
import { host, registry, repository } from "../../../../components/plan/values/hosts";
import { labels as label, taints } from "../../../../components/plan/values/kubernetes";
import { tags as tag } from "../../../../components/plan/values/tags";
import { line, minimalConfig, planHaving, problemsOf } from "../fixture";

const clusterName = dnsLabel(20);

const accepts = (schema: z.ZodType, value: unknown) => schema.safeParse(value).success;

/** Texts near what is allowed, so that both sides of each rule are met. */
const near = (signs: string, maxLength: number) =>
  fc.array(fc.constantFrom(...Array.from(signs)), { maxLength }).map((all) => all.join(""));

describe("labels and taints of nodes", () => {
  test.each<[string, boolean]>([
    ["gpu", true],
    ["example.com/gpu_1.x", true],
    ["A", true],
    ["my key", false],
    ["example.com/", false],
    ["/gpu", false],
    ["a/b/c", false],
    ["Example.com/gpu", false],
    ["-gpu", false],
    ["gpu-", false],
    ["", false],
    ["k".repeat(63), true],
    ["k".repeat(64), false],
    [`${"d".repeat(253)}/gpu`, true],
    [`${"d".repeat(254)}/gpu`, false],
  ])("key %s: %s", (key, allowed) => {
    expect(accepts(label, { [key]: "x" })).toBe(allowed);
    expect(accepts(taints, [{ key, effect: "NoSchedule" }])).toBe(allowed);
  });

  test.each<[string, boolean]>([
    ["", true],
    ["infra", true],
    ["a_b-c.d", true],
    ["alice@example.com", false],
    ["a100,h100", false],
    ["team/a", false],
    [".x", false],
    ["v".repeat(63), true],
    ["v".repeat(64), false],
  ])("value %s: %s", (value, allowed) => {
    expect(accepts(label, { key: value })).toBe(allowed);
    expect(accepts(taints, [{ key: "key", value, effect: "NoExecute" }])).toBe(allowed);
  });

  test("what is taken as a value is one by the words of Kubernetes' documentation", () => {
    const isAlphanumeric = (of: string | undefined) => of !== undefined && /[A-Za-z0-9]/.test(of);
    fc.assert(
      fc.property(near("aZ9-_.@ /", 66), (value) => {
        const signs = Array.from(value);
        const byTheWords =
          signs.length === 0 ||
          (signs.length <= 63 &&
            isAlphanumeric(signs[0]) &&
            isAlphanumeric(signs.at(-1)) &&
            signs.every((each) => isAlphanumeric(each) || "-_.".includes(each)));
        expect(accepts(label, { key: value })).toBe(byTheWords);
      }),
    );
  });

  test("a refused one is named, with the allowed form", () => {
    const said = problemsOf(({ workers: [pool] }) => {
      pool.labels = { owner: "alice@example.com", "my key": "x" };
      pool.taints = [{ key: "dedicated", value: "team/a", effect: "NoSchedule" }];
    }).map(line);
    expect(said).toEqual([
      'workers.0.labels.owner: got "alice@example.com". Use nothing, or 1 to 63 letters, digits, hyphens, underscores and dots, a letter or digit first and last.',
      'workers.0.labels: got the key "my key". Use 1 to 63 letters, digits, hyphens, underscores and dots, a letter or digit first and last; before it, if need be, a DNS name of your own and a slash, such as example.com/gpu.',
      'workers.0.taints.0.value: got "team/a". Use nothing, or 1 to 63 letters, digits, hyphens, underscores and dots, a letter or digit first and last.',
    ]);
    expect(
      problemsOf(({ workers: [pool] }) => {
        pool.taints = [
          { key: "gpu", effect: "NoSchedule" },
          { key: "gpu", value: "x", effect: "NoSchedule" },
          { key: "gpu", effect: "NoExecute" },
        ];
      }).map(line),
    ).toEqual([
      'workers.0.taints.1: got {"key":"gpu","value":"x","effect":"NoSchedule"}. Use each key once with each effect; gpu with NoSchedule is there already.',
    ]);
  });
});

describe("tags", () => {
  test.each<[string, string, boolean]>([
    ["team", "infra", true],
    ["团队", "基础 设施", true],
    ["a b:c/d", "x@y [1] (2), 3; <4>", true],
    ["project", "x", false],
    ["Projects", "x", false],
    ["qcs:x", "x", false],
    ["项目", "x", false],
    ["tencentcloud", "x", false],
    ["kubernetes-ha/cluster", "other", false],
    ["a", "v*?", false],
    ["a", "", false],
    ["a", " x", false],
    ["a", "x ", false],
    ["a\nb", "x", false],
    ["k".repeat(127), "v".repeat(255), true],
    ["k".repeat(128), "v", false],
    ["k", "v".repeat(256), false],
  ])("%s = %s: %s", (key, value, allowed) => {
    expect(accepts(tag, { [key]: value })).toBe(allowed);
  });

  test("with the cluster's own, a resource has no more than it may", () => {
    const some = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, "x"]));
    expect(accepts(tag, some(46))).toBe(true);
    expect(problemsOf((config) => (config.tags = some(47))).map(line)).toEqual([
      expect.stringContaining(
        "Use at most 46 tags: a resource has 50, the cluster's own included.",
      ),
    ]);
    const { hosts } = planHaving({
      ...minimalConfig(),
      tags: some(46),
      etcd: { topology: "stacked" },
    });
    const most = hosts.map(({ tags }) => Object.keys(tags).length);
    expect(Math.max(...most, Object.keys(sharedTags("prod", "etcd", some(46))).length)).toBe(50);
  });
});

describe("machines elsewhere", () => {
  test.each<[string, boolean]>([
    ["time1.tencentyun.com", true],
    ["10.0.0.1", true],
    ["ntp", true],
    ["10.0.0.256", false],
    ["1.2.3", false],
    ["ntp.example.com iburst", false],
    ["a\nserver evil", false],
    ["-a.example.com", false],
    ["a..b", false],
    [`${"a".repeat(64)}.com`, false],
    ["", false],
  ])("%s: %s", (name, allowed) => {
    expect(accepts(host, name)).toBe(allowed);
  });

  test.each<[string, boolean]>([
    ["registry.example.com", true],
    ["169.254.0.3:5000", true],
    ["registry.example.com:0", false],
    ["registry.example.com:65536", false],
    ["registry.example.com:", false],
    ["https://registry.example.com", false],
    ["a:1:2", false],
  ])("registry %s: %s", (name, allowed) => {
    expect(accepts(registry, name)).toBe(allowed);
  });

  test.each<[string, boolean]>([
    ["registry.example.com/kubernetes-ha", true],
    ["169.254.0.3:5000/a/b__c/d--e", true],
    ["registry/kubernetes-ha", false],
    ["registry.example.com", false],
    ["registry.example.com/", false],
    ["registry.example.com/A", false],
    ["registry.example.com/a..b", false],
    ["registry.example.com/-a", false],
    ["registry.example.com/a:tag", false],
    [`registry.example.com/${"a".repeat(201)}`, false],
  ])("repository %s: %s", (name, allowed) => {
    expect(accepts(repository, name)).toBe(allowed);
  });

  test.each<[string, unknown]>([
    ["http://mirror.test/artifacts?x=1", /no credentials, query or fragment/],
    ["http://me:secret@mirror.test/artifacts", /no credentials, query or fragment/],
  ])("a mirror at %s", (baseUrl, said) => {
    const [problem] = problemsOf((config) => (config.sources.baseUrl = baseUrl)).map(line);
    expect(problem).toMatch(said as RegExp);
  });
});

/** As a cluster may be called. */
const clusterNames = fc
  .array(fc.constantFrom(...Array.from("abc019-")), { minLength: 1, maxLength: 20 })
  .map((signs) => signs.join(""))
  .filter((name) => accepts(clusterName, name));

describe("names in the cloud", () => {
  test("no two clusters have a key pair of one name, and each name is one", () => {
    fc.assert(
      fc.property(fc.uniqueArray(clusterNames, { maxLength: 40 }), (clusters) => {
        const names = clusters.map((cluster) => keyPairName(cluster));
        expect(new Set(names).size).toBe(clusters.length);
        for (const name of names) expect(name).toMatch(/^[A-Za-z0-9_]{1,25}$/);
      }),
    );
    expect(keyPairName("production-apac-1")).not.toBe(keyPairName("production-apac-2"));
  });

  test.each(["a--b", "-a", "a-", "1a", "a_b", "a.b"])("no cluster is called %s", (name) => {
    expect(accepts(clusterName, name)).toBe(false);
  });

  test("the longest names there can be are no longer than the API takes", () => {
    const zone = `${"a".repeat(35)}-99`;
    const pool = "p".repeat(20);
    const config = minimalConfig();
    const plan = planHaving({
      ...config,
      name: "n".repeat(20),
      network: { ...config.network, zones: [{ zone, subnetCidr: "10.0.0.0/20" }] },
      workers: [{ pool, members: ["999"], instanceType: "S5.LARGE8" }],
    });
    const names = [
      plan.network.name,
      ...plan.network.subnets.map(({ name }) => name),
      ...plan.securityGroups.map(({ name }) => name),
      ...plan.placementGroups.map(({ name }) => name),
      ...plan.hosts.flatMap(({ name, dataDisk }) => [name, dataDisk?.name ?? name]),
    ];
    expect(names.filter((name) => name.length > 60)).toEqual([]);
    const [longest] = plan.network.subnets;
    expect(longest?.name).toHaveLength(59);
  });
});
