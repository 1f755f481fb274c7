import type { HealthCheckSpec, LoadBalancerSpec } from "../../../../../lab/hosts/loadBalancer";
import { Balancers } from "../../../../../lab/hosts/platform/balancers";
import type { Forwarding } from "../../../../../lab/hosts/platform/forwarding";
import { waitFor } from "../../../../../lab/wait";
import { host, listener, loadBalancer } from "../worlds";

const hosts = [host("one", "10.0.1.2"), host("two", "10.0.1.3")];
const healthCheck: HealthCheckSpec = {
  kind: "TCP",
  timeout: 0.005,
  interval: 0.01,
  healthyAfter: 2,
  unhealthyAfter: 2,
  source: "range",
};
const specs = (more: Partial<LoadBalancerSpec["listeners"][number]> = {}): LoadBalancerSpec[] => [
  loadBalancer({ listeners: [listener(hosts, { healthCheck, ...more })] }),
];

let balancers: Balancers;
let installed: Forwarding[][];
/** Addresses whose probes fail. */
let failing: Set<string>;
let probes: string[];

function start(known: Parameters<Balancers["apply"]>[0] = []): void {
  balancers = new Balancers({
    probe: (_, { source, address, port }) => {
      probes.push(`${source} > ${address}:${port}`);
      return Promise.resolve(!failing.has(address));
    },
    known: known.flatMap(({ listeners }) =>
      listeners.flatMap(({ listenerId, targets }) =>
        targets.map(({ instanceId, port }) => ({
          listenerId,
          instanceId,
          port,
          state: "Dead" as const,
        })),
      ),
    ),
    install: (forwardings) => {
      installed.push(forwardings);
      return Promise.resolve();
    },
    connections: () => [],
    healthChanged: () => undefined,
    log: () => undefined,
  });
}
const inTurn = (): string =>
  (installed.at(-1)?.[0]?.slots ?? []).map(({ address }) => address.slice(-1)).join("");
const states = (): string =>
  balancers
    .health()
    .map(({ state }) => state)
    .join();
const become = (wanted: string): Promise<true> =>
  waitFor({ what: wanted, deadlineSeconds: 60, everyMs: 5 }, (seen) => {
    seen(states());
    return Promise.resolve(states() === wanted ? true : undefined);
  });

beforeEach(() => {
  installed = [];
  probes = [];
  failing = new Set();
  start();
});
afterEach(() => balancers.stop());

test("forwarding follows the probes", async () => {
  await balancers.apply(specs());
  expect(states()).toBe("Unknown,Unknown");
  expect(inTurn()).toBe("23");
  failing.add("10.0.1.3");
  await become("Alive,Dead");
  expect(inTurn()).toBe("2");
  failing.clear();
  await become("Alive,Alive");
  expect(inTurn()).toBe("23");
  expect(new Set(probes)).toEqual(
    new Set(["100.64.0.10 > 10.0.1.2:6443", "100.64.0.10 > 10.0.1.3:6443"]),
  );
});

test("a changed check goes on from what is known, by its new port and source", async () => {
  failing.add("10.0.1.3");
  await balancers.apply(specs());
  await become("Alive,Dead");
  await balancers.apply(specs({ healthCheck: { ...healthCheck, port: 6444, source: "vip" } }));
  expect(states()).toBe("Alive,Dead");
  expect(probes.at(-1)).toBe("10.0.1.200 > 10.0.1.3:6444");
});

test("a process that is started again goes on from what the last one knew, a target registered again does not", async () => {
  balancers.stop();
  start(specs());
  const slow = { ...healthCheck, interval: 1000 };
  await balancers.apply(specs({ healthCheck: slow }));
  expect(states()).toBe("Dead,Dead");
  await balancers.apply(specs({ healthCheck: slow, targets: [] }));
  await balancers.apply(specs({ healthCheck: slow }));
  expect(states()).toBe("Unknown,Unknown");
});

test("without a check everybody is in turn and nobody is probed", async () => {
  await balancers.apply([loadBalancer({ listeners: [listener(hosts)] })]);
  expect([inTurn(), balancers.health(), probes]).toEqual(["23", [], []]);
});

test("the same again changes nothing", async () => {
  await balancers.apply(specs());
  await balancers.apply(specs());
  expect(installed).toHaveLength(1);
});
