import { vip } from "../../../../components/plan/entry/vip";
import { first, line, planOf, problemsIn, minimalConfig } from "../fixture";

const plan = planOf();

test("only balancers need what makes a balancer", () => {
  for (const host of plan.hosts) {
    const packages = vip.needs(plan.entry, host).packages;
    expect(packages).toEqual(host.role === "balancer" ? ["haproxy", "keepalived"] : undefined);
  }
});

test("makes one HAVIP, known by its name", () => {
  expect(vip.makes(plan.entry)).toEqual([{ kind: "haVip", name: "prod-api" }]);
});

test.each([
  [1, 0],
  [2, 1],
  [3, 2],
])("of %i balancers %i may be lost", (count, lost) => {
  const balancers = Array.from({ length: count }, () => first(plan.balancers));
  expect(vip.tolerated({ ...plan.entry, balancers })).toBe(lost);
});

describe("what is wrong with the section", () => {
  const said = (entry: unknown) => problemsIn({ ...minimalConfig(), entry }).map(line);
  const { balancers } = minimalConfig().entry;

  test("a kind that is none", () => {
    expect(said({ kind: "f5", balancers })).toEqual([
      'entry.kind: got "f5". Use one of vip, clb, lvs, nodeLocal.',
    ]);
  });

  test("a setting that its kind has not", () => {
    expect(said({ kind: "vip", balancers, vipp: "10.0.0.10" })).toEqual([
      "entry.vipp: there is no such setting. Did you mean entry.vip.",
    ]);
    expect(said({ balancers, listener: 1 })).toEqual([
      "entry.listener: there is no such setting. Remove it; known here are kind, on, balancers, vip, virtualRouterId, extraFrontends.",
    ]);
  });

  test("a setting of a setting", () => {
    expect(said({ balancers: { ...balancers, member: 2 } })).toEqual([
      "entry.balancers.member: there is no such setting. Did you mean entry.balancers.members.",
    ]);
    expect(said({})).toEqual(["entry.balancers: is missing. Set it to an object."]);
    expect(said(undefined)).toEqual(["entry: is missing. Set it to an object."]);
  });
});
