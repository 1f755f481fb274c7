import type { PhysicalHost, Placement } from "../../../../lab/admin";
import { changesOf } from "../../../../lab/ui/changes";
import { shownMachines } from "../../../../lab/ui/world";
import { judge } from "../../../../operations/status/judge";
import { healthyCluster } from "../../operations/status/healthy";

const machines: PhysicalHost[] = [
  { name: "host-1", zone: "z", power: "running", instances: [] },
  { name: "host-2", zone: "z", power: "failed", instances: [] },
];
const on = (physicalHost: string, name: string, power = "running"): Placement => ({
  ...{ instanceId: `ins-${name}`, name, privateIp: "10.0.0.1", physicalHost, power },
  ...{ rack: `rack-of-${physicalHost}`, switch: "", zone: "z", link: "up" },
});

test("machines have their instances, each with what it is at the moment and what is wrong with it", () => {
  const cluster = healthyCluster();
  cluster.kill("prod-master-1");
  const placement = [
    on("host-1", "prod-etcd-2"),
    on("host-1", "prod-balancer-2"),
    on("host-2", "prod-master-1", "dead"),
  ];
  const [first, second] = shownMachines(machines, placement, judge(cluster.facts));
  expect(first?.instances.map(({ name, marks }) => [name, marks])).toEqual([
    ["prod-balancer-2", ["virtual address"]],
    ["prod-etcd-2", ["etcd leader"]],
  ]);
  expect(second).toMatchObject({ rack: "rack-of-host-2", power: "failed" });
  expect(second?.instances[0]).toMatchObject({
    ...{ name: "prod-master-1", marks: ["scheduler"] },
    findings: [expect.stringContaining("cannot be asked")],
  });
});

test("before anything is known of the cluster machines are shown as they are", () => {
  expect(shownMachines(machines, [on("host-1", "a")], undefined)[0]?.instances).toMatchObject([
    { name: "a", marks: [], findings: [] },
  ]);
});

test("what moves is told, and what is not known for a while is no move", () => {
  const before = judge(healthyCluster().facts);
  const cluster = healthyCluster();
  cluster.host("prod-balancer-2").addresses = [];
  cluster.host("prod-balancer-1").addresses = ["10.0.0.100"];
  for (const name of ["prod-etcd-1", "prod-etcd-2", "prod-etcd-3"])
    Object.assign(cluster.etcd(name).status ?? {}, { leader: "9" });
  expect(changesOf(before, judge(cluster.facts))).toEqual([
    "virtual address: prod-balancer-2 → prod-balancer-1",
  ]);
  expect(changesOf(before, before)).toEqual([]);
  expect(changesOf(undefined, before)).toEqual([]);
});
