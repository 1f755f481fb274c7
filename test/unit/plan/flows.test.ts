import { peersOf } from "../../../components/plan/peers";
import { guardedFlows } from "../../../components/plan/rules/flows";
import { securityGroups } from "../../../components/plan/securityGroups";
import { planHaving, planOf } from "./fixture";

const plan = planOf();

test("what nobody else may have is what the policies guard", () => {
  const withRegistry = planHaving({
    registry: {
      ...{ kind: "distribution", members: 2, instanceType: "S5.MEDIUM2" },
      cos: { bucket: "images-1250000000" },
    },
  });
  const guarded = withRegistry.flows.flatMap(({ name, guarded }) =>
    guarded ? [[name, guarded.what]] : [],
  );
  expect(guarded.sort()).toEqual(
    guardedFlows()
      .map(({ name, what }) => [name, what])
      .sort(),
  );
});

test("who waits for a flow is among those who have it", () => {
  for (const { from, awaited } of plan.flows)
    expect(from).toEqual(expect.arrayContaining([...(awaited ?? [])]));
});

describe("a host with two duties", () => {
  const roles = [
    { role: "bastion", duties: ["bastion"] },
    { role: "master", duties: ["controlPlane", "etcd"] },
  ] as const;
  const [, master] = securityGroups({ name: "prod", tags: {} }, roles, plan.flows);

  test("is reached for both, from each role once", () => {
    expect(master?.ingress.map(({ port, role, cidr }) => `${port} <- ${role ?? cidr}`)).toEqual([
      "22 <- bastion",
      "2379 <- master",
      "2380 <- master",
      "6443 <- bastion",
      "6443 <- master",
      "10250 <- master",
      "8472 <- master",
      "30000-32767 <- master",
      "30000-32767 <- master",
      "ALL <- 10.0.0.0/16",
    ]);
  });

  test("dials its peers for both", () => {
    const masters = plan.masters.map((host) => ({
      ...host,
      duties: ["controlPlane", "etcd"] as const,
    }));
    const [own] = masters;
    const stacked = { ...plan, hosts: masters };
    expect(own && peersOf(stacked, own).map(({ ports }) => ports)).toEqual([
      [2379, 2380, 6443, 10250],
      [2379, 2380, 6443, 10250],
    ]);
  });
});
