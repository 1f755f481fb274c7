import fc from "fast-check";

import {
  domainOf,
  hostsOf,
  place,
  type PhysicalHost,
  type PlacedInstance,
} from "../../../../lab/cloud/physical";

type GroupType = "HOST" | "SW" | "RACK";

const inventory = fc
  .array(
    fc.record({
      sw: fc.integer({ min: 1, max: 3 }),
      rack: fc.integer({ min: 1, max: 3 }),
      cpus: fc.integer({ min: 2, max: 16 }),
    }),
    { minLength: 1, maxLength: 9 },
  )
  .map((hosts) =>
    hosts.map(({ sw, rack, cpus }, index): PhysicalHost => ({
      name: `h${index}`,
      zone: "z",
      switch: `s${sw}`,
      rack: `s${sw}/r${rack}`,
      cpus,
      memoryGiB: 64,
    })),
  );
const group = fc.record({
  id: fc.constantFrom("ps-a", "ps-b"),
  type: fc.constantFrom<GroupType>("HOST", "SW", "RACK"),
  affinity: fc.integer({ min: 1, max: 3 }),
});

/** Places as many as can be had. */
function fill(
  hosts: PhysicalHost[],
  groups: { id: string; type: GroupType; affinity: number }[],
  count: number,
): { placed: PlacedInstance[]; refused?: string } {
  const placed: PlacedInstance[] = [];
  for (let n = 0; n < count; n++) {
    const result = place({ zone: "z", cpus: 2, memoryGiB: 4, groups }, hosts, new Set(), placed);
    if ("refused" in result) {
      return { placed, refused: result.refused };
    }
    placed.push({
      physicalHost: result.host.name,
      cpus: 2,
      memoryGiB: 4,
      groupIds: groups.map((each) => each.id),
    });
  }
  return { placed };
}

function perDomain(hosts: PhysicalHost[], placed: PlacedInstance[], type: GroupType): number[] {
  const counts = new Map<string, number>();
  for (const { physicalHost } of placed) {
    const host = hosts.find((each) => each.name === physicalHost) as PhysicalHost;
    counts.set(domainOf(host, type), (counts.get(domainOf(host, type)) ?? 0) + 1);
  }
  return [...counts.values()];
}

test("a group never has more members in one fault domain than its affinity", () => {
  fc.assert(
    fc.property(inventory, group, fc.integer({ min: 1, max: 12 }), (hosts, one, count) => {
      const { placed } = fill(hosts, [one], count);
      expect(Math.max(0, ...perDomain(hosts, placed, one.type))).toBeLessThanOrEqual(one.affinity);
    }),
  );
});

test("as many members are placed as the hardware can carry, no fewer", () => {
  fc.assert(
    fc.property(inventory, group, (hosts, one) => {
      const domains = [...new Set(hosts.map((host) => domainOf(host, one.type)))];
      const most = domains
        .map((domain) => {
          const inside = hosts.filter((host) => domainOf(host, one.type) === domain);
          const room = inside.reduce((sum, host) => sum + Math.floor(host.cpus / 2), 0);
          return Math.min(one.affinity, room);
        })
        .reduce((sum, each) => sum + each, 0);
      expect(fill(hosts, [one], 100).placed).toHaveLength(most);
    }),
  );
});

test("no host carries more than it has", () => {
  fc.assert(
    fc.property(inventory, (hosts) => {
      const { placed, refused } = fill(hosts, [], 200);
      expect(refused).toBe("capacity");
      for (const host of hosts) {
        const used = placed.filter((each) => each.physicalHost === host.name).length * 2;
        expect(used).toBeLessThanOrEqual(host.cpus);
      }
    }),
  );
});

const three: PhysicalHost[] = [1, 2, 3].map((n) => ({
  name: `host-${n}`,
  zone: "z",
  switch: `s${n}`,
  rack: `s${n}/r`,
  cpus: 64,
  memoryGiB: 256,
}));

test("instances without a group spread over the emptiest hosts", () => {
  const { placed } = fill(three, [], 7);
  expect(perDomain(three, placed, "HOST").sort()).toEqual([2, 2, 3]);
});

test("a pool outside any group does not gather on the emptiest host", () => {
  const other = (host: string): PlacedInstance => ({
    physicalHost: host,
    cpus: 2,
    memoryGiB: 4,
    groupIds: [],
    kind: "other",
  });
  const placed = ["host-1", "host-2", "host-1", "host-2"].map(other);
  for (let n = 0; n < 3; n++) {
    const request = { zone: "z", cpus: 2, memoryGiB: 4, groups: [], kind: "worker" };
    const result = place(request, three, new Set(), placed);
    const host = "host" in result ? result.host.name : "";
    placed.push({ ...other(host), kind: "worker" });
  }
  expect(
    placed
      .slice(4)
      .map((each) => each.physicalHost)
      .sort(),
  ).toEqual(["host-1", "host-2", "host-3"]);
});

test("nothing is placed on a dead host, nor in a zone without hosts", () => {
  const request = { zone: "z", cpus: 1, memoryGiB: 1, groups: [] };
  expect(place(request, three, new Set(["host-1", "host-2"]), [])).toMatchObject({
    host: { name: "host-3" },
  });
  expect(place(request, three, new Set(["host-1", "host-2", "host-3"]), [])).toEqual({
    refused: "zone",
  });
  expect(place({ ...request, zone: "y" }, three, new Set(), [])).toEqual({ refused: "zone" });
});

test("a fourth member of a strict group on three hosts is refused for the spread", () => {
  const strict = [{ id: "ps-a", type: "HOST" as const, affinity: 1 }];
  expect(fill(three, strict, 4)).toMatchObject({ refused: "spread" });
});

test("hosts are found by name, number or path of what they stand in", () => {
  const at = (name: string, sw: string, rack: string, zone = "z"): PhysicalHost => ({
    name,
    zone,
    switch: `${zone}/${sw}`,
    rack: `${zone}/${sw}/${rack}`,
    cpus: 1,
    memoryGiB: 1,
  });
  const hosts = [
    at("a", "s1", "r1"),
    at("b", "s1", "r2"),
    at("c", "s2", "r1"),
    at("d", "s1", "r3", "y"),
  ];
  const names = (kind: Parameters<typeof hostsOf>[1], name: string): string =>
    hostsOf(hosts, kind, name)
      .map((each) => each.name)
      .join("");
  expect([names("host", "b"), names("host", "3"), names("rack", "2")]).toEqual(["b", "c", "b"]);
  expect([names("rack", "r2"), names("rack", "z/s2/r1"), names("switch", "s2")]).toEqual([
    "b",
    "c",
    "c",
  ]);
  expect([names("switch", "z/s1"), names("zone", "z"), names("zone", "2")]).toEqual([
    "ab",
    "abc",
    "d",
  ]);
  expect(() => names("host", "9")).toThrow("no physical host '9'; there are: a, b, c, d");
  expect(() => names("rack", "r1")).toThrow(
    "several are called 'r1': z/s1/r1, z/s2/r1; give the whole path",
  );
});
