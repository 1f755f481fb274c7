import fc from "fast-check";
import { faultTolerance, quorum, tolerated } from "../../../components/plan";
import { machineSize } from "../../../components/plan/instanceTypes";
import { planOf } from "./fixture";

// The table of asked-for.md: n members need n/2+1.
test.each([
  [1, 1, 0],
  [2, 2, 0],
  [3, 2, 1],
  [4, 3, 1],
  [5, 3, 2],
  [6, 4, 2],
  [7, 4, 3],
])("%i members: quorum %i, tolerates %i", (members, needed, lost) => {
  expect(quorum(members)).toBe(needed);
  expect(tolerated(members)).toBe(lost);
});

test("an entry without hosts of its own has none to lose", () => {
  const tolerance = { physicalHosts: 1, etcdMembers: 1, masters: 2 };
  const counts = { etcd: 3, masters: 3, entry: undefined, strictlySpread: true };
  expect(faultTolerance(counts)).toEqual(tolerance);
});

test("an even count gains nothing over the odd one below it", () => {
  for (let odd = 1; odd < 20; odd += 2) expect(tolerated(odd + 1)).toBe(tolerated(odd));
});

test.each([
  [{ etcd: 3, masters: 3, entry: 1 }, { etcdMembers: 1, masters: 2, balancers: 1 }, 1],
  [{ etcd: 5, masters: 3, entry: 2 }, { etcdMembers: 2, masters: 2, balancers: 2 }, 2],
  [{ etcd: 5, masters: 2, entry: 1 }, { etcdMembers: 2, masters: 1, balancers: 1 }, 1],
  [{ etcd: 7, masters: 3, entry: 1 }, { etcdMembers: 3, masters: 2, balancers: 1 }, 1],
])("%j tolerates %j and %i physical hosts", (counts, each, physicalHosts) => {
  expect(faultTolerance({ ...counts, strictlySpread: true })).toEqual({ ...each, physicalHosts });
  // One machine may carry a whole role then, however many members it has.
  expect(faultTolerance({ ...counts, strictlySpread: false }).physicalHosts).toBe(0);
});

/**
 * The claim itself, by playing it out: whatever machines the members of each role are on, as long as no machine has two of
 * one role, losing that many machines leaves a quorum, a master and a balancer, and losing one more may not.
 */
test("no loss of as many machines as claimed takes the API or the data", () => {
  const shuffled = (n: number) =>
    fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6], { minLength: n, maxLength: n });
  const sizes = fc.record({
    etcd: fc.constantFrom(3, 5, 7),
    masters: fc.integer({ min: 2, max: 5 }),
    balancers: fc.integer({ min: 2, max: 4 }),
  });
  const world = sizes.chain((counts) =>
    fc.record({
      counts: fc.constant(counts),
      etcd: shuffled(counts.etcd),
      masters: shuffled(counts.masters),
      balancers: shuffled(counts.balancers),
      order: fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6], { minLength: 7, maxLength: 7 }),
    }),
  );
  fc.assert(
    fc.property(world, ({ counts, etcd, masters, balancers, order }) => {
      const entry = counts.balancers - 1;
      const { physicalHosts } = faultTolerance({ ...counts, entry, strictlySpread: true });
      const dead = new Set(order.slice(0, physicalHosts));
      const alive = (role: number[]) => role.filter((machine) => !dead.has(machine)).length;
      expect(alive(etcd)).toBeGreaterThanOrEqual(quorum(counts.etcd));
      expect(alive(masters)).toBeGreaterThanOrEqual(1);
      expect(alive(balancers)).toBeGreaterThanOrEqual(1);
    }),
  );
});

test("each role has one strict group with all its members", () => {
  expect(planOf().placementGroups).toEqual([
    group("etcd", ["prod-etcd-1", "prod-etcd-2", "prod-etcd-3"]),
    group("master", ["prod-master-1", "prod-master-2", "prod-master-3"]),
    group("balancer", ["prod-balancer-1", "prod-balancer-2"]),
  ]);
  function group(role: string, members: string[]) {
    const tags = { "kubernetes-ha/cluster": "prod", "kubernetes-ha/role": role };
    return { role, name: `prod-${role}`, type: "HOST", affinity: 1, members, tags };
  }
});

test.each([
  ["S5.SMALL1", 1, 1],
  ["S5.SMALL2", 1, 2],
  ["S5.MEDIUM4", 2, 4],
  ["SA2.LARGE8", 4, 8],
  ["S6.2XLARGE16", 8, 16],
  ["S5.8XLARGE64", 32, 64],
  ["MA3.29XLARGE464", 116, 464],
])("%s has %i cores and %i GiB", (name, cpus, memoryGiB) => {
  expect(machineSize(name)).toEqual({ cpus, memoryGiB });
});

test("a name of another form is refused", () => {
  expect(() => machineSize("t3.large")).toThrow('"t3.large" is no CVM instance type');
});
