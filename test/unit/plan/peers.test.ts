import { peersOf } from "../../../components/plan/peers";
import { planOf } from "./fixture";

const plan = planOf();
const peers = (name: string, of = plan) => {
  const host = of.hosts.find((each) => each.name === name);
  if (host === undefined) throw new Error(`no host ${name}`);
  return peersOf(of, host).map((peer) => [peer.name, ...peer.ports].join(" "));
};

test.each([
  ["prod-bastion-1", []],
  ["prod-etcd-2", ["prod-etcd-1 2379 2380", "prod-etcd-3 2379 2380"]],
  [
    "prod-master-1",
    [
      ...["prod-etcd-1 2379", "prod-etcd-2 2379", "prod-etcd-3 2379"],
      ...["prod-master-2 6443 10250", "prod-master-3 6443 10250"],
    ],
  ],
  [
    "prod-balancer-1",
    ["prod-master-1 6443", "prod-master-2 6443", "prod-master-3 6443", "prod-balancer-2"],
  ],
  ["prod-worker-1", ["prod-balancer-1 6443", "prod-balancer-2 6443"]],
])("%s talks to %j", (name, expected) => {
  expect(peers(name)).toEqual(expected);
});

test("a worker or a pool more changes nobody's peers", () => {
  const more = planOf((config) => {
    config.workers[0].members = 5;
    config.workers.push({ pool: "gpu", members: 3, instanceType: "S5.LARGE8", addressBlock: 4 });
  });
  for (const { name } of plan.hosts) expect(peers(name, more)).toEqual(peers(name));
});

test("a master more changes no worker's and no etcd member's peers", () => {
  const more = planOf((config) => (config.masters.members = 4));
  for (const { name } of [...plan.workers, ...plan.etcd])
    expect(peers(name, more)).toEqual(peers(name));
});
