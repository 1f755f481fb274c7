import { exposureFault } from "../../../components/plan/rules/exposure";
import type { ClusterConfigInput } from "../../../components/plan";
import { planHaving, planOf } from "./fixture";

/** `TCP 22 <- bastion`, sorted. */
function flows(role: string, plan = planOf()): string[] {
  const group = plan.securityGroups.find((candidate) => candidate.role === role);
  return (group?.ingress ?? [])
    .map((rule) => `${rule.action} ${rule.protocol} ${rule.port} <- ${rule.role ?? rule.cidr}`)
    .sort();
}

test.each([
  ["bastion", ["ACCEPT ICMP ALL <- 10.0.0.0/16", "ACCEPT TCP 22 <- 203.0.113.0/24"]],
  [
    "etcd",
    [
      "ACCEPT ICMP ALL <- 10.0.0.0/16",
      "ACCEPT TCP 22 <- bastion",
      "ACCEPT TCP 2379 <- etcd",
      "ACCEPT TCP 2379 <- master",
      "ACCEPT TCP 2380 <- etcd",
    ],
  ],
  [
    "master",
    [
      "ACCEPT ICMP ALL <- 10.0.0.0/16",
      "ACCEPT TCP 10250 <- master",
      "ACCEPT TCP 10250 <- worker",
      "ACCEPT TCP 22 <- bastion",
      "ACCEPT TCP 30000-32767 <- master",
      "ACCEPT TCP 30000-32767 <- worker",
      "ACCEPT TCP 6443 <- balancer",
      "ACCEPT TCP 6443 <- bastion",
      "ACCEPT TCP 6443 <- director",
      "ACCEPT TCP 6443 <- master",
      "ACCEPT TCP 6443 <- worker",
      "ACCEPT UDP 30000-32767 <- master",
      "ACCEPT UDP 30000-32767 <- worker",
      "ACCEPT UDP 8472 <- master",
      "ACCEPT UDP 8472 <- worker",
    ],
  ],
  [
    "worker",
    [
      "ACCEPT ICMP ALL <- 10.0.0.0/16",
      "ACCEPT TCP 10250 <- master",
      "ACCEPT TCP 10250 <- worker",
      "ACCEPT TCP 22 <- bastion",
      "ACCEPT TCP 30000-32767 <- master",
      "ACCEPT TCP 30000-32767 <- worker",
      "ACCEPT UDP 30000-32767 <- master",
      "ACCEPT UDP 30000-32767 <- worker",
      "ACCEPT UDP 8472 <- master",
      "ACCEPT UDP 8472 <- worker",
    ],
  ],
  [
    "balancer",
    [
      "ACCEPT ALL ALL <- balancer",
      "ACCEPT ICMP ALL <- 10.0.0.0/16",
      "ACCEPT TCP 22 <- bastion",
      "ACCEPT TCP 6443 <- bastion",
      // Nobody is in that group as long as there are no directors.
      "ACCEPT TCP 6443 <- director",
      "ACCEPT TCP 6443 <- master",
      "ACCEPT TCP 6443 <- worker",
      "ACCEPT TCP 8404 <- director",
    ],
  ],
  [
    "director",
    [
      "ACCEPT ALL ALL <- director",
      "ACCEPT ICMP ALL <- 10.0.0.0/16",
      "ACCEPT TCP 22 <- bastion",
      "ACCEPT TCP 6443 <- bastion",
      "ACCEPT TCP 6443 <- master",
      "ACCEPT TCP 6443 <- worker",
    ],
  ],
])("what reaches a %s, and nothing else", (role, expected) => {
  expect(flows(role)).toEqual(expected);
});

test("declared ranges reach NodePorts on nodes, and nothing else", () => {
  const plan = planOf((config) => (config.network.nodePortCidrs = ["192.0.2.0/24"]));
  for (const role of ["master", "worker"]) {
    const added = flows(role, plan).filter((flow) => !flows(role).includes(flow));
    expect(added).toEqual([
      "ACCEPT TCP 30000-32767 <- 192.0.2.0/24",
      "ACCEPT UDP 30000-32767 <- 192.0.2.0/24",
    ]);
  }
  for (const role of ["bastion", "etcd", "balancer"]) {
    expect(flows(role, plan)).toEqual(flows(role));
  }
});

test("every rule names exactly one source and passes the rule the policies share", () => {
  for (const { ingress } of planOf().securityGroups) {
    for (const rule of ingress) {
      expect([rule.role, rule.cidr].filter((source) => source !== undefined)).toHaveLength(1);
      expect(
        exposureFault({ protocol: rule.protocol, ports: rule.port, cidr: rule.cidr }),
      ).toBeUndefined();
    }
  }
});

test("no group comes near the platform's limit of 100 rules", () => {
  for (const { ingress, egress } of planOf().securityGroups) {
    expect(ingress.length).toBeLessThan(30);
    expect(egress).toHaveLength(1);
  }
});

test("every rule says what it is for", () => {
  const said = planOf().securityGroups.flatMap(({ ingress }) =>
    ingress.map(({ protocol, port, description }) => `${protocol} ${port}: ${description}`),
  );
  expect([...new Set(said)].sort()).toEqual([
    "ALL ALL: VRRP between balancers",
    "ALL ALL: VRRP between directors, and copies of connections",
    "ICMP ALL: path MTU discovery and ping inside the VPC",
    "TCP 10250: kubelet: logs, exec, metrics",
    "TCP 22: log in",
    "TCP 22: log in through the bastion",
    "TCP 2379: etcd clients",
    "TCP 2380: etcd peers",
    "TCP 30000-32767: NodePort Services",
    "TCP 6443: API",
    "TCP 6443: API entry",
    "TCP 6443: API, from the bastion",
    "TCP 8404: health of HAProxy",
    "UDP 30000-32767: NodePort Services",
    "UDP 8472: pod network",
  ]);
});

test("between the kinds that switch without a word no rule comes or goes: both ways are open while both are there", () => {
  const rules = (entry: ClusterConfigInput["entry"]) =>
    planHaving({ entry }).securityGroups.map(({ role, ingress }) => [
      role,
      ingress.map((rule) => [rule.protocol, rule.port, rule.role, rule.cidr].join()).sort(),
    ]);
  const pair = { members: 2, instanceType: "S5.MEDIUM4" };
  const vip = rules({ kind: "vip", balancers: pair });
  expect(rules({ kind: "clb" })).toEqual(vip);
  expect(rules({ kind: "nodeLocal" })).toEqual(vip);
  expect(rules({ kind: "lvs", forwarding: "nat", directors: pair, balancers: pair })).toEqual(vip);
  expect(rules({ kind: "lvs", forwarding: "nat", directors: pair })).toEqual(vip);
});
