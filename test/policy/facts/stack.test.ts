import { type Resource, Stack } from "../../../policy/facts/stack";
import { tokenOf } from "../judge";

const resource = (name: string, type: string, more: Partial<Resource> = {}): Resource => ({
  type,
  name,
  urn: name,
  props: {},
  propertyDependencies: {},
  ...more,
});

const stack = new Stack([
  resource("cluster", tokenOf("cluster")),
  resource("network", tokenOf("network"), { parent: "cluster" }),
  resource("vpc", tokenOf("vpc"), { parent: "network" }),
  resource("subnet", tokenOf("subnet"), {
    parent: "network",
    propertyDependencies: { vpcId: ["gone", "network", "vpc"] },
  }),
  resource("other", "x:y:Z", { parent: "gone" }),
]);
const get = (name: string) => {
  const found = stack.find(name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
};

test("finds resources by kind and by URN", () => {
  expect(stack.of("vpc").map(({ name }) => name)).toEqual(["vpc"]);
  expect(stack.of("eip")).toEqual([]);
  expect(stack.find("other")?.type).toBe("x:y:Z");
  expect(stack.find("gone")).toBeUndefined();
  expect(stack.find(undefined)).toBeUndefined();
});

test("follows an input to the resources of a kind that it was made from", () => {
  expect(stack.sources(get("subnet"), "vpcId", "vpc")).toEqual([get("vpc")]);
  expect(stack.sources(get("subnet"), "vpcId", "eip")).toEqual([]);
  expect(stack.sources(get("subnet"), "name", "vpc")).toEqual([]);
});

test("finds the component round a resource, however far", () => {
  expect(stack.within(get("subnet"), "cluster")).toBe(get("cluster"));
  expect(stack.within(get("subnet"), "network")).toBe(get("network"));
  expect(stack.within(get("cluster"), "cluster")).toBeUndefined();
  expect(stack.within(get("other"), "cluster")).toBeUndefined();
});

test("derives facts once", () => {
  let times = 0;
  const derive = (): unknown => void (times += 1);
  expect([stack.facts(derive), stack.facts(derive)]).toEqual([undefined, undefined]);
  expect(times).toBe(1);
  expect(stack.facts((it) => it.resources.length)).toBe(5);
});
