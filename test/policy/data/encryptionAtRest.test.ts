import { encryptionAtRest as policy } from "../../../policy/rules/data/encryptionAtRest";
import { type FixtureResource, found, unknown } from "../judge";
import { encryption } from "../stepFiles";
import { filesOf, nodeSteps, setFlag, triggerOf } from "../steps";
import { named } from "../stack";

const name = "master-1-control-plane";
function edited(change: (master: FixtureResource) => unknown) {
  const steps = nodeSteps();
  change(named(steps, name));
  return found(policy, steps);
}

test("a master that encrypts is allowed", () => {
  expect(found(policy, nodeSteps())).toEqual([]);
});

test.each([undefined, ""])("the flag set to %j is denied", (value) => {
  expect(edited((master) => setFlag(master, "encryption-provider-config", value))).toEqual([
    `${name}: the apiserver has no encryption-provider-config. ` +
      "Set encryption-provider-config of the apiserver, and place that file as a secret one.",
  ]);
});

test("a file that is not placed is denied", () => {
  expect(edited((master) => (triggerOf(master).secretFiles = []))).toEqual([
    expect.stringContaining(`${name}: the step of the master does not place ${encryption}`),
  ]);
});

test("a plain file is denied", () => {
  const change = (master: FixtureResource) => {
    triggerOf(master).secretFiles = [];
    filesOf(master).push({ path: encryption, content: "kind: EncryptionConfiguration\n" });
  };
  expect(edited(change)).toEqual([
    expect.stringContaining(`${name}: ${encryption}, which holds keys, is no secret file`),
  ]);
});

test("a configuration not known yet leaves it undecided", () => {
  expect(edited((master) => filesOf(master).forEach((file) => (file.content = unknown)))).toEqual([
    expect.stringContaining(
      `${name}: cannot decide: the step of the master places no ClusterConfiguration that can be read`,
    ),
  ]);
});
