import { etcdAndKubelet as policy } from "../../../policy/rules/network/etcdAndKubelet";
import { type FixtureResource, found, tokenOf, unknown } from "../judge";
import { clusterComponent } from "../steps";
import { groups, idOf, network, ruleSet, type SetRule, single } from "./groups";

const fix =
  "Let in the security group of that role, or declare the range of who watches in `monitoring.allowedCidrs`.";
const verdict = (...rules: FixtureResource[]) => found(policy, [...groups(), ...rules]);

describe("rules of their own", () => {
  test.each([
    ["etcd", "2379", "master"],
    ["etcd", "2379", "etcd"],
    ["etcd", "2380", "etcd"],
    ["etcd", "2379-2380", "etcd"],
    ["master", "10250", "master"],
    ["worker", "10250", "master"],
    ["worker", "10249", "worker"],
    ["worker", "2379", "worker"],
    ["balancer", "10250", "bastion"],
  ])("%s port %s from %s is allowed", (to, port, from) => {
    expect(verdict(single(to, port, from))).toEqual([]);
  });

  test.each([
    [
      "etcd",
      "2379",
      "worker",
      "etcd's clients' port; etcd's clients' port is for master and etcd only",
    ],
    ["etcd", "2380", "master", "etcd's peers' port; etcd's peers' port is for etcd only"],
    ["etcd", "2000-3000", "bastion", "etcd's clients' port"],
    ["master", "10250", "bastion", "the kubelet; the kubelet is for master and worker only"],
    ["worker", "ALL", "bastion", "the kubelet"],
    ["etcd", "10250", "etcd", "the kubelet"],
  ])("%s port %s from %s is denied", (to, port, from, expected) => {
    const [first] = verdict(single(to, port, from));
    expect(first).toContain(`${from}-${to}: rule 0 lets ${from} reach ${expected}`);
    expect(first).toContain(fix);
  });

  test.each([
    ["ALL", 3],
    ["all", 3],
    ["UDP", 0],
    ["ICMP", 0],
    ["tcp", 3],
  ])("protocol %s reaches %i guarded ports of etcd", (protocol, count) => {
    expect(verdict(single("etcd", "ALL", "balancer", protocol))).toHaveLength(count);
  });

  test("a range is denied, unless it is declared", () => {
    const rule = single("etcd", "2379", "10.0.0.0/24");
    expect(verdict(rule)).toEqual([
      `10.0.0.0/24-etcd: rule 0 lets 10.0.0.0/24 reach etcd's clients' port; etcd's clients' port is for master and etcd only. ${fix}`,
    ]);
    expect(found(policy, [...groups(), rule], { ranges: ["10.0.0.0/24"] })).toEqual([]);
    expect(found(policy, [...groups(), rule], { ranges: ["10.0.0.0/16"] })).toHaveLength(1);
  });

  test("a range not known yet leaves it undecided, declared or not", () => {
    const rule = single("worker", "10250", "10.0.0.0/24");
    rule.props.cidrIp = unknown;
    expect(found(policy, [...groups(), rule], { ranges: ["0.0.0.0/0"] })).toEqual([
      `10.0.0.0/24-worker: cannot decide: rule 0 lets 0.0.0.0/0 reach the kubelet, if cidrIp make it so. ${fix}`,
    ]);
  });

  test("a group from elsewhere is of no known role", () => {
    const rule = single("etcd", "2380", "etcd");
    rule.props.sourceSgid = "sg-99999999";
    rule.from = { securityGroupId: ["etcd"] };
    expect(verdict(rule)).toEqual([
      expect.stringContaining("rule 0 lets a group of no known role reach etcd's peers' port"),
    ]);
  });

  test("a group that is not of the stack, or of no role, is nobody's", () => {
    const rule = single("etcd", "2379", "worker");
    rule.from = { sourceSgid: ["worker"] };
    expect(verdict(rule)).toEqual([]);
    const untagged = groups();
    untagged.forEach(({ props }) => delete props.tags);
    expect(found(policy, [...untagged, single("etcd", "2379", "worker")])).toEqual([]);
  });
});

describe("a cluster that is watched", () => {
  const cluster = (monitoring?: object) => {
    const component = clusterComponent();
    component.props.config = { ...(component.props.config as object), monitoring };
    return component;
  };
  const judged = (monitoring: object | undefined, rule: FixtureResource) =>
    found(policy, [cluster(monitoring), ...groups(), rule]);

  test("lets the bastion and declared ranges ask kubelets", () => {
    const monitoring = { allowedCidrs: ["10.9.0.0/16"] };
    for (const from of ["bastion", "10.9.0.0/16"]) {
      expect(judged(monitoring, single("worker", "10250", from))).toEqual([]);
      expect(judged(undefined, single("worker", "10250", from))).toHaveLength(1);
    }
    expect(judged(monitoring, single("worker", "10250", "10.8.0.0/16"))).toHaveLength(1);
    expect(judged(monitoring, single("worker", "10250", "balancer"))).toHaveLength(1);
  });

  test("lets nobody more ask etcd", () => {
    const monitoring = { allowedCidrs: ["10.9.0.0/16"] };
    for (const from of ["bastion", "10.9.0.0/16"])
      expect(judged(monitoring, single("etcd", "2379", from))).toHaveLength(1);
  });
});

describe("groups without a tag", () => {
  test.each(["orderlySecurityGroups", "securityGroups"])(
    "are told by the instances that have them as %s",
    (input) => {
      const untagged = groups();
      untagged.forEach(({ props }) => delete props.tags);
      const host = (role: string, tagged: string | undefined): FixtureResource => ({
        type: tokenOf("instance"),
        name: `host-${role}-${tagged ?? ""}`,
        props: { tags: tagged === undefined ? {} : { "kubernetes-ha/role": tagged } },
        from: { [input]: [role] },
      });
      const hosts = [host("etcd", "etcd"), host("master", "master"), host("master", undefined)];
      const judged = (...more: FixtureResource[]) =>
        found(policy, [...untagged, ...hosts, ...more, single("etcd", "2379", "master")]);
      expect(judged()).toEqual([]);
      expect(judged(host("master", "master"), host("master", "worker"))).toEqual([
        expect.stringContaining("rule 0 lets worker reach etcd's clients' port"),
      ]);
    },
  );
});

describe("a set of rules", () => {
  const own: SetRule[] = [
    { protocol: "TCP", port: "22", role: "bastion" },
    { protocol: "TCP", port: "2379", role: "master" },
    { protocol: "TCP", port: "2380", role: "etcd" },
    { protocol: "ICMP", port: "ALL", cidr: "10.0.0.0/16" },
  ];
  const edited = (index: number, change: Partial<SetRule>) =>
    own.map((rule, at) => (at === index ? { ...rule, ...change } : rule));

  test("is told by what the Network component plans", () => {
    expect(verdict(network("etcd", own), ruleSet("etcd", own, "network"))).toEqual([]);
  });

  test("a plan that lets in the wrong role is denied", () => {
    const wrong = edited(1, { role: "worker" });
    expect(verdict(network("etcd", wrong), ruleSet("etcd", wrong, "network"))).toEqual([
      expect.stringContaining("etcd-rules: rule 1 lets worker reach etcd's clients' port"),
    ]);
  });

  test.each<[string, Partial<SetRule>]>([
    ["port", { port: "2379-2381" }],
    ["protocol", { protocol: "ALL" }],
  ])("a rule whose %s is another than planned is not told by the plan", (_, change) => {
    expect(verdict(network("etcd", own), ruleSet("etcd", edited(1, change), "network"))[0]).toMatch(
      /^etcd-rules: cannot decide: which of bastion, master, etcd rule 1 lets reach etcd's/,
    );
  });

  test("without a plan it is undecided while some of the groups may and some may not", () => {
    expect(verdict(ruleSet("etcd", own))).toEqual([
      "etcd-rules: cannot decide: which of bastion, master, etcd rule 1 lets reach etcd's clients' port is known only after the update; " +
        "etcd's clients' port is for master and etcd only. " +
        "Write one SecurityGroupRule a rule, from which the group can be told, or make the groups first.",
      expect.stringContaining("rule 2 lets reach etcd's peers' port"),
    ]);
  });

  test("without a plan it is allowed when all of them may, and denied when none may", () => {
    const all: SetRule[] = [
      { protocol: "TCP", port: "2379", role: "master" },
      { protocol: "TCP", port: "2379", role: "etcd" },
    ];
    expect(verdict(ruleSet("etcd", all))).toEqual([]);
    const none: SetRule[] = [
      { protocol: "TCP", port: "22", role: "bastion" },
      { protocol: "TCP", port: "2379", role: "worker" },
    ];
    expect(verdict(ruleSet("etcd", none))).toEqual([
      expect.stringContaining("rule 1 lets bastion or worker reach etcd's clients' port; etcd's"),
    ]);
  });

  test("ids that are known tell the group", () => {
    const made = groups();
    made.forEach(({ name, props }) => (props.id = idOf(name)));
    const set = ruleSet("etcd", own);
    const rules = set.props.ingresses as Record<string, unknown>[];
    own.forEach(({ role }, index) => {
      if (role !== undefined) Object.assign(rules[index] ?? {}, { sourceSecurityId: idOf(role) });
    });
    expect(found(policy, [...made, set])).toEqual([]);
    Object.assign(rules[1] ?? {}, { sourceSecurityId: idOf("worker") });
    expect(found(policy, [...made, set])).toEqual([
      expect.stringContaining("rule 1 lets worker reach etcd's clients' port"),
    ]);
  });

  test("an id not known yet is no group's id", () => {
    const made = groups();
    made.forEach(({ props }) => (props.id = unknown));
    expect(found(policy, [...made, network("etcd", own), ruleSet("etcd", own, "network")])).toEqual(
      [],
    );
  });

  test("a plan of another group, or of a role that is none, tells nothing", () => {
    const odd = edited(1, { role: "nobody" });
    expect(verdict(network("master", own), ruleSet("etcd", own, "network"))).toHaveLength(2);
    expect(verdict(network("etcd", odd), ruleSet("etcd", own, "network"))).toEqual([
      expect.stringContaining("cannot decide: which of bastion, master, etcd rule 1"),
    ]);
  });
});

describe("masters that hold members of etcd, by their tags", () => {
  const master: FixtureResource = {
    type: tokenOf("instance"),
    name: "master-1",
    props: {
      tags: {
        "kubernetes-ha/cluster": "prod",
        "kubernetes-ha/role": "master",
        "kubernetes-ha/duties": "controlPlane etcd",
      },
    },
  };

  test("reach each other's members", () => {
    for (const port of ["2379", "2380"])
      expect(verdict(master, single("master", port, "master"))).toEqual([]);
  });

  test("are reached by nobody else", () => {
    const [first] = verdict(master, single("master", "2379", "worker"));
    expect(first).toContain("rule 0 lets worker reach etcd's clients' port");
  });
});
