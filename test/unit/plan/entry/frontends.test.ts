import { hostAliases } from "../../../../components/plan/cluster";
import type { ClusterPlan } from "../../../../components/plan";
import { first, line, lvsPlanOf, minimalConfig, planWith, problemsIn } from "../fixture";

const { balancers } = minimalConfig().entry;
const harbor = {
  name: "harbor",
  mode: "https" as const,
  port: 443,
  hostname: "harbor.prod.internal",
  allowedCidrs: ["10.20.0.0/16"],
  servers: ["10.9.0.10:80", "10.9.0.11:80"],
  check: { path: "/api/v2.0/health" },
};
const ingress = { name: "ingress", port: 8080, pool: { name: "worker", port: 30080 } };
const extraFrontends = [harbor, ingress];

/** Inbound rules because of what is fronted. */
function rules(plan: ClusterPlan, role: string) {
  return plan.securityGroups
    .find((group) => group.role === role)
    ?.ingress.filter(({ description }) => /^(harbor|ingress)/.test(description))
    .map(({ protocol, port, role: from, cidr }) => `${protocol} ${port} ${from ?? cidr}`);
}
const clients = (port: number) => ["worker", "master", "bastion"].map((of) => `TCP ${port} ${of}`);

describe("kind vip", () => {
  const plan = planWith({ balancers, extraFrontends });

  test("nodes, the bastion and declared ranges reach the balancers, these the workers' port, nobody else anything", () => {
    expect(rules(plan, "balancer")).toEqual([
      ...[...clients(443), "TCP 443 10.20.0.0/16"],
      ...clients(8080),
    ]);
    expect(rules(plan, "worker")).toEqual(["TCP 30080 balancer"]);
    for (const role of ["etcd", "master", "bastion"]) expect(rules(plan, role)).toEqual([]);
  });

  test("servers are those listed, or the workers of the pool", () => {
    const [of, others] = plan.entry.extraFrontends ?? [];
    expect(of?.servers).toEqual([
      { name: "10-9-0-10-80", address: "10.9.0.10", port: 80 },
      { name: "10-9-0-11-80", address: "10.9.0.11", port: 80 },
    ]);
    expect(others?.servers.map(({ name, port }) => `${name}:${port}`)).toEqual([
      "prod-worker-1:30080",
      "prod-worker-2:30080",
    ]);
  });

  test("the name stands for the virtual address on whoever asks, masters too", () => {
    const named = plan.hosts.filter((host) =>
      hostAliases(plan, host).some(
        ({ address, names }) => address === "10.0.0.10" && names.includes("harbor.prod.internal"),
      ),
    );
    expect([...new Set(named.map(({ role }) => role))]).toEqual(["bastion", "master", "worker"]);
    expect(plan.apiCertificateNames).not.toContain("harbor.prod.internal");
  });

  test("on the masters they are who is reached", () => {
    const { securityGroups, ...rest } = planWith({ kind: "vip", on: "masters", extraFrontends });
    expect(rules({ securityGroups, ...rest }, "master")).toContain("TCP 443 10.20.0.0/16");
  });
});

describe("kind lvs", () => {
  test("nat: clients reach directors, and these, who are the senders then, the balancers", () => {
    const plan = lvsPlanOf({ forwarding: "nat", balancers, extraFrontends: [harbor] });
    expect(rules(plan, "director")).toEqual([...clients(443), "TCP 443 10.20.0.0/16"]);
    expect(rules(plan, "balancer")).toEqual(["TCP 443 director"]);
  });

  test("dr: what is forwarded by MAC has its client's address", () => {
    const plan = lvsPlanOf({ balancers, extraFrontends: [harbor] });
    const all = [...clients(443), "TCP 443 10.20.0.0/16"];
    expect(rules(plan, "director")).toEqual(all);
    expect(rules(plan, "balancer")).toEqual(all);
  });
});

describe("what is wrong", () => {
  const said = (entry: object) => problemsIn({ ...minimalConfig(), entry }).map(line);
  const saidOf = (changed: object, ...more: object[]) =>
    said({ balancers, extraFrontends: [{ ...harbor, ...changed }, ...more] });

  test("all that is asked for here is right", () => {
    expect(said({ balancers, extraFrontends })).toEqual([]);
    expect(saidOf({ mode: "tcp", hostname: undefined, check: undefined })).toEqual([]);
  });

  test.each<[string, object, RegExp]>([
    ["clb", { kind: "clb" }, /kind clb sends straight to the masters.*or use kind vip, or lvs/],
    ["nodeLocal", { kind: "nodeLocal" }, /for that node alone.*or use kind vip, or lvs/],
    [
      "lvs without balancers",
      { kind: "lvs", forwarding: "nat", directors: balancers },
      /directors send straight to the masters.*Set entry.balancers/,
    ],
  ])("%s has no HAProxy to share", (_, entry, reason) => {
    expect(said(entry)).toEqual([]);
    const [problem, ...others] = said({ ...entry, extraFrontends });
    expect(problem).toMatch(reason);
    expect(problem).toMatch(/^entry\.extraFrontends: /);
    expect(others).toEqual([]);
  });

  test.each([6443, 8443, 8404, 22, 2379, 2381, 6444])(
    "port %i, which the cluster needs, whatever the kind",
    (port) => {
      expect(first(saidOf({ port }))).toMatch(
        new RegExp(`^entry.extraFrontends.0.port: got ${port}, which the cluster itself needs.`),
      );
    },
  );

  test.each<[string, object, string]>([
    [
      "a port that hosts take for their own connections",
      { port: 10_240 },
      "entry.extraFrontends.0.port: got 10240. Use a number of at most 10239.",
    ],
    [
      "TLS without a name",
      { hostname: undefined },
      "entry.extraFrontends.0.hostname: is missing, but the certificate of mode https is for a name. Set it, or use mode tcp and leave TLS to the servers.",
    ],
    [
      "the API's name",
      { hostname: "api.prod.internal" },
      "entry.extraFrontends.0.hostname: got api.prod.internal, which is a name of the API or inside the cluster's domain. Use a name that stands for this service alone.",
    ],
    [
      "a name that the cluster's DNS answers",
      { hostname: "harbor.svc.cluster.local" },
      "entry.extraFrontends.0.hostname: got harbor.svc.cluster.local, which is a name of the API or inside the cluster's domain. Use a name that stands for this service alone.",
    ],
    [
      "everybody let in",
      { allowedCidrs: ["0.0.0.0/0"] },
      "entry.extraFrontends.0.allowedCidrs.0: got 0.0.0.0/0, which is everybody. List the ranges that its clients are in.",
    ],
    [
      "no servers",
      { servers: undefined },
      "entry.extraFrontends.0: got neither servers nor pool. Set one of them: where the service is.",
    ],
    [
      "servers twice",
      { pool: ingress.pool },
      "entry.extraFrontends.0: got servers and pool. Set one of them: where the service is.",
    ],
    [
      "a pool that is none",
      { servers: undefined, pool: { name: "web", port: 80 } },
      "entry.extraFrontends.0.pool.name: got web, but the pools are worker. Use one of workers.*.pool.",
    ],
    [
      "a server without a port",
      { servers: ["10.9.0.10"] },
      'entry.extraFrontends.0.servers.0: got "10.9.0.10". Use <address>:<port>, such as 10.0.8.10:80.',
    ],
    [
      "a path with a space",
      { check: { path: "/a b" } },
      'entry.extraFrontends.0.check.path: got "/a b". Use a path such as /api/v2.0/health.',
    ],
  ])("%s", (_, changed, problem) => {
    expect(saidOf(changed)).toEqual([problem]);
  });

  test.each([
    ["10.0.0.128:80", "worker 1"],
    ["10.0.0.64:6443", "master 1"],
    ["10.0.0.10:80", "a virtual address"],
  ])("server %s, which is %s of the cluster", (server, whose) => {
    expect(saidOf({ servers: [server] })).toEqual([
      expect.stringContaining(`servers.0: got ${server}, which is ${whose} of this cluster`),
    ]);
  });

  test("two of one name or port", () => {
    expect(saidOf({}, { ...ingress, name: "harbor", port: 443 })).toEqual([
      "entry.extraFrontends.1.name: got harbor, which another one has. Give each a name of its own.",
      "entry.extraFrontends.1.port: got 443, which another one has. Give each a port of its own.",
    ]);
  });
});
