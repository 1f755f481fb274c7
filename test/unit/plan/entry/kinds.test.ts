import { entryKinds, entryKindOf } from "../../../../components/plan/entry";
import { lvsPlanOf, planOf, planWith } from "../fixture";

/** A plan with each kind. */
const plans = {
  vip: planOf(),
  clb: planWith({ kind: "clb" }),
  lvs: lvsPlanOf(),
  nodeLocal: planWith({ kind: "nodeLocal" }),
};

describe.each(Object.entries(plans))("entry kind %s", (name, plan) => {
  const { entry, masters, hosts, flows, securityGroups } = plan;
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
    const others = hosts.map(({ address }) => address);
    for (const master of masters) {
      const alias = kind.alias(entry, master);
      expect(others.filter((address) => address !== master.address)).not.toContain(alias);
    }
  });

  test("leads every host to an address that the certificate holds", () => {
    const held = [...kind.names(entry), ...hosts.map(({ address }) => address)];
    const asking = hosts.filter(({ role }) => role !== "etcd");
    for (const host of asking) expect(held).toContain(kind.alias(entry, host));
  });

  test("opens nothing twice: the API takes no rule again", () => {
    for (const { ingress } of securityGroups) {
      const rules = ingress.map(({ description: _, ...rule }) => JSON.stringify(rule));
      expect(rules).toEqual([...new Set(rules)]);
    }
  });

  test("says what can fail", () => {
    expect(kind.failureModes.length).toBeGreaterThan(2);
  });
});
