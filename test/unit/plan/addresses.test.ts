import fc from "fast-check";
import { memberAddress, memberOffset } from "../../../components/plan/addresses";
import { minimalConfig, planOf, type TestConfig } from "./fixture";

const letter = fc
  .integer({ min: 0, max: 25 })
  .map((index) => String.fromCharCode("a".charCodeAt(0) + index));
const letters = (min: number, max: number) =>
  fc.uniqueArray(letter, { minLength: min, maxLength: max });
const odd = fc
  .constantFrom(3, 5, 7)
  .chain((size) => fc.uniqueArray(letter, { minLength: size, maxLength: size }));

/** Any right configuration over keys given in any order. */
const anyConfig = fc
  .record({
    etcd: odd,
    masters: letters(2, 9),
    balancers: letters(2, 5),
    workers: letters(0, 20),
    more: letters(0, 20),
    secondZone: fc.boolean(),
  })
  .map((members): TestConfig => {
    const config = minimalConfig();
    config.etcd.members = members.etcd;
    config.masters.members = members.masters;
    config.entry.balancers.members = members.balancers;
    const small = { pool: "small", members: members.workers, instanceType: "S5.MEDIUM4" };
    const large: TestConfig["workers"][number] = {
      pool: "large",
      members: members.more,
      instanceType: "S5.LARGE8",
      addressBlock: 7,
    };
    config.workers = [small, large];
    if (members.secondZone) {
      const zone = "ap-guangzhou-4";
      config.network.zones.push({ zone, subnetCidr: "10.0.16.0/20" });
      large.zone = zone;
    }
    return config;
  });

const plan = (config: TestConfig) => planOf((given) => Object.assign(given, config));
const places = (config: TestConfig) =>
  new Map(plan(config).hosts.map((host) => [host.name, `${host.zone} ${host.address}`]));

test("where each role lives", () => {
  const { hosts, entry } = planOf();
  expect(Object.fromEntries(hosts.map(({ name, address }) => [name, address]))).toEqual({
    "prod-bastion-1": "10.0.0.20",
    "prod-balancer-1": "10.0.0.32",
    "prod-balancer-2": "10.0.0.33",
    "prod-master-1": "10.0.0.64",
    "prod-master-2": "10.0.0.65",
    "prod-master-3": "10.0.0.66",
    "prod-etcd-1": "10.0.0.96",
    "prod-etcd-2": "10.0.0.97",
    "prod-etcd-3": "10.0.0.98",
    "prod-worker-1": "10.0.0.128",
    "prod-worker-2": "10.0.0.129",
  });
  expect(entry.vip).toBe("10.0.0.10");
});

test("no two hosts, nor a host and the VIP, share a name or an address", () => {
  fc.assert(
    fc.property(anyConfig, (config) => {
      const { hosts, entry } = plan(config);
      const addresses = [...hosts.map(({ address }) => address), entry.vip];
      expect(new Set(addresses).size).toBe(addresses.length);
      expect(new Set(hosts.map(({ name }) => name)).size).toBe(hosts.length);
    }),
    { numRuns: 60 },
  );
});

test("adding members, pools and zones never moves or renames a host", () => {
  fc.assert(
    fc.property(anyConfig, letters(1, 6), letters(1, 10), (config, masters, workers) => {
      const before = places(config);
      const grown = structuredClone(config);
      grown.masters.members = [...new Set([...masters, ...(config.masters.members as string[])])];
      grown.workers = [
        { pool: "new", members: workers, instanceType: "S5.LARGE8", addressBlock: 20 },
        ...config.workers,
      ];
      grown.network.zones.push({ zone: "ap-guangzhou-6", subnetCidr: "10.0.32.0/20" });
      const after = places(grown);
      for (const [name, place] of before) expect(after.get(name)).toBe(place);
    }),
    { numRuns: 60 },
  );
});

test("neither the order of keys nor who else there is matters", () => {
  fc.assert(
    fc.property(anyConfig, (config) => {
      const reversed = structuredClone(config);
      (reversed.etcd.members as string[]).reverse();
      (reversed.masters.members as string[]).reverse();
      reversed.workers.reverse();
      expect(Object.fromEntries(places(reversed))).toEqual(Object.fromEntries(places(config)));
    }),
    { numRuns: 40 },
  );
});

test("every address is in its zone's subnet, off the platform's own", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 127 }), (key) => {
      const offset = memberOffset("worker", String(key));
      expect(offset).toBeGreaterThanOrEqual(128);
      expect(offset).toBeLessThan(255);
      expect(memberAddress("10.9.8.0/24", "worker", String(key))).toBe(`10.9.8.${offset}`);
    }),
  );
  expect(() => memberAddress("10.9.8.0/24", "worker", "128")).toThrow("has no address for worker");
  expect(() => memberAddress("10.9.8.0/24", "master", "33")).toThrow("has no address for master");
});
