import { rules } from "../../policy/rules";
import { type FixtureResource, unknown } from "./judge";
import { compliantStack, named, tagsOf } from "./stack";
import { kubeletFile } from "./stepFiles";
import { step } from "./steps";
import { PackRunner } from "./support/runner";

const mandatory = 1;

let pack: PackRunner;
beforeAll(async () => {
  pack = await PackRunner.start();
}, 60_000);
afterAll(() => pack.stop());

test("it loads, and every rule of it is mandatory and says what it holds to", async () => {
  const info = await pack.info();
  expect(info.name).toBe("kubernetes-ha");
  expect(info.policiesList.map(({ name }) => name)).toEqual(rules.map(({ id }) => id));
  for (const policy of info.policiesList) {
    expect(policy.enforcementlevel).toBe(mandatory);
    expect(policy.description).toMatch(/^[A-Z].*\.$/);
  }
});

test("it allows a compliant stack in a preview", async () => {
  expect(await analyze(compliantStack())).toEqual([]);
});

test("it denies what breaks a rule, by the rule's name", async () => {
  const stack = compliantStack();
  tagsOf(named(stack, "etcd-3"))["kubernetes-ha/role"] = "worker";
  named(stack, "group-balancer").props.affinity = 2;
  expect(await analyze(stack)).toEqual([
    [mandatory, "quorum-etcd-odd-members", "etcd-1"],
    [mandatory, "quorum-survives-one-host", "etcd-1"],
    [mandatory, "placement-quorum-roles-in-strict-groups", "balancer-1"],
    [mandatory, "placement-quorum-roles-in-strict-groups", "balancer-2"],
  ]);
});

test("what is known only after the update is denied, and not passed over with a warning", async () => {
  const stack = compliantStack();
  named(stack, "etcd-1").props.tags = unknown;
  expect(await analyze(stack)).toEqual([
    [mandatory, "quorum-etcd-odd-members", "etcd-2"],
    [mandatory, "quorum-survives-one-host", "etcd-2"],
    [mandatory, "placement-require-role", "etcd-1"],
    [mandatory, "cluster-required-tags", "etcd-1"],
  ]);
});

test.each([
  [["stdout"], []],
  [[], ["cluster-keys-secret"]],
])("a command that is given keys, with outputs %j kept secret", async (secret, expected) => {
  const command = { create: "run-step", stdin: unknown };
  expect(await register("command:remote:Command", "gate", command, secret)).toEqual(expected);
});

test("what a command was given counts at the end, where its outputs are not known", async () => {
  const { type, name, props } = step("worker", "worker-1", [kubeletFile()]);
  const stack = [{ type, name, props: { ...props, triggers: unknown } }];
  const other = step("worker", "worker-2");
  expect(await analyze([other])).toEqual([
    [mandatory, "cluster-reservation-set", "worker-2-worker"],
  ]);
  await register(type, name, props);
  expect(await analyze(stack)).toEqual([]);
});

/** Rules that deny a resource when it is registered. */
async function register(
  type: string,
  name: string,
  props: FixtureResource["props"],
  additionalSecretOutputs: string[] = [],
): Promise<string[]> {
  const found = await pack.register({ type, name, props, additionalSecretOutputs });
  return found.map(({ policyname }) => policyname);
}

/** Level, rule and resource of all that the pack says of a stack. */
async function analyze(stack: readonly FixtureResource[]): Promise<[number, string, string][]> {
  const found = await pack.analyze(stack);
  return found.map(({ enforcementlevel, policyname, urn }) => [enforcementlevel, policyname, urn]);
}
