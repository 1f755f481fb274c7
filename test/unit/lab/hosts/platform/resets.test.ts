import type { HealthState, ListenerSpec } from "../../../../../lab/hosts/loadBalancer";
import { Resets } from "../../../../../lab/hosts/platform/resets";
import { host, listener, loadBalancer } from "../worlds";

const hosts = [host("one", "10.0.1.2"), host("two", "10.0.1.3")];
const reset = { deregistered: false, unhealthy: false, zeroWeight: false, afterSeconds: 0 };
const withReset = (more: Partial<ListenerSpec["reset"]>, count = 2): ListenerSpec =>
  listener(hosts.slice(0, count), { reset: { ...reset, ...more } });
const balancers = (each: ListenerSpec) => [loadBalancer({ listeners: [each] })];
const two = { address: "10.0.1.3", port: 6443 };
const alive = (): HealthState => "Alive";

let now: number;
let resets: Resets;
beforeEach(() => {
  now = 0;
  resets = new Resets(() => now);
});

describe("connections are ended", () => {
  test("of a target that is deregistered, until it is registered again", () => {
    const [before, after] = [
      withReset({ deregistered: true }),
      withReset({ deregistered: true }, 1),
    ];
    resets.note(balancers(before), balancers(after));
    expect(resets.of(after, alive)).toEqual([two]);
    resets.note(balancers(after), balancers(before));
    expect(resets.of(before, alive)).toEqual([]);
  });

  test("not of one that is deregistered where the listener lets them be, or goes itself", () => {
    resets.note(balancers(withReset({})), balancers(withReset({}, 1)));
    expect(resets.of(withReset({}, 1), alive)).toEqual([]);
    resets.note(balancers(withReset({ deregistered: true })), []);
    expect(resets.of(withReset({ deregistered: true }, 0), alive)).toEqual([]);
  });

  test("of a dead target after the time that was set, while it is dead", () => {
    const each = withReset({ unhealthy: true, afterSeconds: 10 });
    const twoDead = ({ instanceId }: { instanceId: string }): HealthState =>
      instanceId === "ins-two" ? "Dead" : "Alive";
    expect(resets.of(each, twoDead)).toEqual([]);
    now = 9_999;
    expect(resets.of(each, twoDead)).toEqual([]);
    now = 10_000;
    expect(resets.of(each, twoDead)).toEqual([two]);
    expect(resets.of(each, alive)).toEqual([]);
    expect(resets.of(each, twoDead)).toEqual([]);
  });

  test("of a target of weight 0", () => {
    const each = withReset({ zeroWeight: true });
    const drained = {
      ...each,
      targets: each.targets.map((target, n) => ({ ...target, weight: n === 1 ? 0 : 10 })),
    };
    expect(resets.of(drained, alive)).toEqual([two]);
    expect(resets.of({ ...drained, reset }, alive)).toEqual([]);
  });
});
