import { kindOf } from "../../policy/facts/types";
import { rules } from "../../policy/rules";
import { listener, targetGroup, targets } from "./clb";
import { type FixtureResource, toResource, tokenOf, unknown } from "./judge";
import { compliantRuleSet } from "./network/ruleSet";
import { compliantStack, named } from "./stack";
import {
  fieldsRead,
  inPreview,
  isOptionalComputed,
  judgedTypes,
  type Read,
} from "./support/newerProvider";
import { PackRunner } from "./support/runner";

/**
 * With newer providers a preview shows what the program did not write as unknown, wherever the cloud would decide (optional and
 * computed in the schema). That is no reason to refuse a plan: a rule has to judge what was written, and the API's default for the rest.
 */
const everyKind = (): FixtureResource[] => {
  const tags = { "kubernetes-ha/cluster": "prod" };
  const of = (
    kind: Parameters<typeof tokenOf>[0],
    name: string,
    props: object,
    from = {},
  ): FixtureResource => ({ type: tokenOf(kind), name, props: { ...props }, from });
  const inSubnet = { vpcId: ["net"], subnetId: ["subnet"] };
  return [
    ...compliantStack(),
    of("vpc", "net", { cidrBlock: "10.0.0.0/16", tags }),
    of("subnet", "subnet", { vpcId: unknown, cidrBlock: "10.0.1.0/24", tags }, { vpcId: ["net"] }),
    of("securityGroup", "sg-master", {
      name: "prod-master",
      tags: { ...tags, "kubernetes-ha/role": "master" },
    }),
    { ...compliantRuleSet(), from: { securityGroupId: ["sg-worker"] } },
    of("securityGroup", "sg-worker", { name: "prod-worker", tags }),
    of("haVip", "vip", { vip: "10.0.1.10", subnetId: unknown }, inSubnet),
    of(
      "haVipAttachment",
      "vip-1",
      { haVipId: unknown, instanceId: unknown },
      { haVipId: ["vip"], instanceId: ["balancer-1"] },
    ),
    of("balancer", "clb", { networkType: "INTERNAL", subnetId: unknown }, inSubnet),
    listener(),
    targets("master-1", "master-2", "master-3"),
    ...targetGroup("master-1", "master-2", "master-3"),
    of("bucket", "snapshots", { bucket: "snapshots-1300000001", acl: "private" }),
    of("bucketPolicy", "snapshots", { bucket: "snapshots-1300000001", policy: "{}" }),
    of("eip", "bastion", { name: "bastion", tags }),
    of("keyPair", "operator", { keyName: "prod", tags }),
  ];
};

const written = everyKind();
const read: Read[] = fieldsRead(rules, written.map(toResource)).filter(({ type, path }) =>
  isOptionalComputed(type, path),
);
const title = ({ type, path }: Read): string => `${kindOf(type) ?? type} ${path.join(".")}`;

let pack: PackRunner;
beforeAll(async () => {
  pack = await PackRunner.start();
}, 60_000);
afterAll(() => pack.stop());

/** What the pack says of a stack in a preview: inputs one by one, then all outputs. */
async function preview(stack: readonly FixtureResource[]): Promise<string[]> {
  const atOnce: string[] = [];
  for (const resource of stack)
    for (const { policyname, message } of await pack.register(resource))
      atOnce.push(`${policyname}: ${message}`);
  const found = await pack.analyze(stack.map(inPreview));
  return [...atOnce, ...found.map(({ policyname, message }) => `${policyname}: ${message}`)];
}

/** The stack, with a field of a type written nowhere. */
function without({ type, path }: Read): FixtureResource[] {
  const [name = "", ...rest] = path;
  const cut = (value: unknown, [first = "", ...more]: string[]): unknown => {
    if (Array.isArray(value)) return value.map((one) => cut(one, [first, ...more]));
    if (typeof value !== "object" || value === null) return value;
    const { [first]: inner, ...others } = value as Record<string, unknown>;
    return more.length === 0 ? others : { ...others, [first]: cut(inner, more) };
  };
  return everyKind().map((resource) =>
    resource.type === type
      ? {
          ...resource,
          props: cut(resource.props, path) as Record<string, unknown>,
          from: rest.length > 0 ? resource.from : omit(resource.from ?? {}, name),
        }
      : resource,
  );
}

function omit<V>(record: Readonly<Record<string, V>>, name: string): Record<string, V> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => key !== name));
}

test("the fixture has every kind that the newer provider has, and is allowed", async () => {
  expect(written.map(({ type }) => type)).toEqual(expect.arrayContaining(judgedTypes()) as unknown);
  expect(await preview(written)).toEqual([]);
});

test("rules read what the cloud would decide, the affinity of a group among it", () => {
  expect(read.map(title)).toEqual(
    expect.arrayContaining([
      "placementGroup affinity",
      "instance placementGroupId",
      "balancerListener healthCheckSwitch",
      "securityGroupRuleSet ingresses.port",
    ]) as unknown,
  );
});

test.each(read.map((each) => [title(each), each] as const))(
  "%s is decided when nobody wrote it",
  async (_, each) => {
    const found = await preview(without(each));
    expect(found.filter((message) => message.includes("cannot decide"))).toEqual([]);
  },
);

test("what the program writes and does not know yet stays undecided", async () => {
  const stack = everyKind();
  named(stack, "group-etcd").props.affinity = unknown;
  expect((await preview(stack)).join("\n")).toMatch(/cannot decide: the affinity/);
});
