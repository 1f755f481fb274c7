import { auditOn as policy } from "../../../policy/rules/cluster/auditOn";
import { type FixtureResource, found, unknown } from "../judge";
import { editDocument, filesOf, nodeSteps, setFlag } from "../steps";
import { named } from "../stack";

const name = "master-1-control-plane";
function edited(change: (master: FixtureResource) => unknown) {
  const steps = nodeSteps();
  change(named(steps, name));
  return found(policy, steps);
}

test("a master that logs is allowed", () => {
  expect(found(policy, nodeSteps())).toEqual([]);
});

test.each(["audit-log-path", "audit-policy-file"])("without %s it is denied", (flag) => {
  expect(edited((master) => setFlag(master, flag))).toEqual([
    `${name}: the apiserver has no ${flag}. ` +
      "Set audit-log-path and audit-policy-file of the apiserver, and place a policy that logs something.",
  ]);
});

test("without both, both are named", () => {
  const change = (master: FixtureResource) => {
    setFlag(master, "audit-log-path");
    setFlag(master, "audit-policy-file", "");
  };
  expect(edited(change)).toEqual([
    expect.stringContaining("has no audit-log-path and no audit-policy-file"),
  ]);
});

test.each<[string, unknown]>([
  ["logs nothing", [{ level: "None" }]],
  ["has no rules", undefined],
])("a policy that %s is denied", (_, rules) => {
  const change = (master: FixtureResource) =>
    editDocument(master, "Policy", (document) => (document.rules = rules));
  expect(edited(change)).toEqual([
    expect.stringContaining(`${name}: the audit policy of the apiserver logs nothing`),
  ]);
});

test("a configuration not known yet leaves it undecided", () => {
  expect(edited((master) => filesOf(master).forEach((file) => (file.content = unknown)))).toEqual([
    expect.stringContaining(`${name}: cannot decide: the step of the master places no Cluster`),
  ]);
});

test("a stack without our masters is none of its business", () => {
  expect(found(policy, [])).toEqual([]);
});
