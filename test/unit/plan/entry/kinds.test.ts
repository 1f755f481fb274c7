import { entryKinds, entryKindOf } from "../../../../components/plan/entry";
import { lvsPlanOf, planOf, planWith } from "../fixture";

/** A plan with each kind. */
const plans = { vip: planOf(), clb: planWith({ kind: "clb" }), lvs: lvsPlanOf() };

describe.each(Object.entries(plans))("entry kind %s", (name, { entry, masters, hosts, flows }) => {
  const kind = entryKindOf(entry);

  test("is the one that was asked for", () => {
    expect(entry.kind).toBe(name);
    expect(kind).toBe(entryKinds[entry.kind]);
    expect(entry.endpoint).toBe(`${entry.apiName}:${entry.port}`);
  });

  test("tells the policies of its guarded flows, and no others", () => {
    const own = kind.flows(entry);
    expect(own.filter(({ guarded }) => guarded !== undefined)).toEqual(kind.guarded);
    expect(flows).toEqual(expect.arrayContaining([...own]));
  });

  test("lets a master answer for itself: it needs no other host to reach an apiserver", () => {
    // On masters behind a CLB its address leads to their own HAProxy.
    const own = (address: string) => (entry.kind === "clb" ? entry.vip : address);
    for (const master of masters) expect(kind.alias(entry, master)).toBe(own(master.address));
  });

  test("leads every host to an address that the certificate holds", () => {
    const held = [...kind.names(entry), ...hosts.map(({ address }) => address)];
    for (const host of hosts) expect(held).toContain(kind.alias(entry, host));
  });

  test("says what can fail", () => {
    expect(kind.failureModes.length).toBeGreaterThan(2);
  });
});
