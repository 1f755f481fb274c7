import { HaCluster } from "../../../components/cluster";
import { judge } from "../../../policy/check/judge";
import { readPreview } from "../../../policy/check/preview";
import { minimalConfig } from "../plan/fixture";
import { record, type Registered, settled } from "./support/recording";
import { camel, type Fields, fieldsOf } from "./support/schema";

const urnOf = ({ type, name }: Registered) => `urn:pulumi:prod::kubernetes::${type}::${name}`;
const stateOf = (resource: Registered, inputs = resource.inputs) => ({
  ...{ urn: urnOf(resource), type: resource.type, custom: true, inputs },
  protect: resource.options.protect,
});

/** Inputs that make a provider replace the resource; a block is replaced for any of its fields. */
function forcing(fields: Fields): string[] {
  const forces = ({ ForceNew, Fields = {} }: Fields[string]): boolean =>
    ForceNew || Object.values(Fields).some(forces);
  return Object.entries(fields).flatMap(([name, field]) => (forces(field) ? [camel(name)] : []));
}

/** Whether the check denies a plan that replaces a resource for an input, as what is protected. */
function denies(resource: Registered, input: string): boolean {
  const changed = { ...resource.inputs, [input]: "another" };
  const step = {
    ...{ op: "replace", urn: urnOf(resource), replaceReasons: [input] },
    ...{ oldState: stateOf(resource), newState: stateOf(resource, changed) },
  };
  const { verdict, rules } = judge(readPreview(JSON.stringify({ steps: [step] })));
  const kept = rules.find(({ rule }) => rule === "change-protection-kept");
  return verdict === "denied" && kept?.verdict === "denied";
}

/** What holds data, or an address, a place or an identity that all members have theirs from: one of each type, and of instances one a role. */
const holdsState = {
  Vpc: "prod",
  Subnet: "prod-ap-guangzhou-3",
  PlacementGroup: "prod-etcd",
  CbsStorage: "prod-etcd-1-data",
  Instance: "prod-etcd-1",
} as const;

let registered: Registered[];
beforeAll(async () => {
  registered = await record();
  const clb = { kind: "clb" } as const;
  for (const config of [minimalConfig(), { ...minimalConfig(), entry: clb }])
    new HaCluster(config.name, { config });
  await settled(registered);
});

function resourceOf(noun: string, name: string): Registered {
  const found = registered.find(
    (each) => each.type.endsWith(`:${noun}`) && each.name.startsWith(name),
  );
  if (found === undefined) throw new Error(`the program makes no ${noun} ${name}`);
  return found;
}

test("what the program protects is what holds state, no more and no less", () => {
  const nouns = registered
    .filter(({ type, options }) => options.protect && type.startsWith("tencentcloud:"))
    .map(({ type }) => type.split(":").at(-1));
  expect([...new Set(nouns)].sort()).toEqual(Object.keys(holdsState).sort());
});

/** Every row of the newest provider's schema: a field that a later version adds is one more. */
const rows = Object.entries(holdsState).flatMap(([noun, name]) => {
  const type = `tencentcloud:index/${noun.charAt(0).toLowerCase()}${noun.slice(1)}:${noun}`;
  return forcing(fieldsOf(type)).map((input) => [`${noun} ${input}`, noun, name, input] as const);
});

test.each(rows)("an edit of %s is denied", (_, noun, name, input) => {
  expect(denies(resourceOf(noun, name), input)).toBe(true);
});

test("there are such fields, those that reviews have found among them", () => {
  expect(rows.map(([title]) => title)).toEqual(
    expect.arrayContaining([
      ...["CbsStorage availabilityZone", "CbsStorage encrypt", "Instance availabilityZone"],
      ...["Instance dataDisks", "PlacementGroup type", "Subnet cidrBlock"],
    ]),
  );
});

test("of what is not protected the same is not denied", () => {
  const worker = resourceOf("Instance", "prod-worker-1");
  expect(denies(worker, "availabilityZone")).toBe(false);
});
