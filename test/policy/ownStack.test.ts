import { judge, rules, sentence } from "../../policy/rules";
import { type Resource } from "../../policy/facts/stack";
import { examples } from "../support/examples";
import { exampleCluster, inPreview, ownStack } from "./support/ownStack";

const made = {} as Record<keyof typeof examples, Resource[]>;

beforeAll(async () => {
  for (const name of ["production", "oneZone"] as const)
    made[name] = await ownStack(exampleCluster(examples[name]));
});

const said = (resources: readonly Resource[]) =>
  judge(rules, resources).map((violation) => `${violation.rule}: ${sentence(violation)}`);

test.each(["production", "oneZone"] as const)(
  "every rule allows what our components plan, before it is made and after: %s",
  (name) => {
    expect(said(inPreview(made[name]))).toEqual([]);
    expect(said(made[name])).toEqual([]);
  },
);

test("every rule allows masters that hold etcd, and carry the entry", async () => {
  const { etcd, ...config } = exampleCluster(examples.oneZone);
  expect(etcd.topology ?? "external").toBe("external");
  const stacked = { topology: "stacked" } as const;
  const onMasters = { kind: "vip", on: "masters" } as const;
  for (const sections of [
    { etcd: stacked },
    { etcd, entry: onMasters },
    { etcd: stacked, entry: onMasters },
  ]) {
    const stack = await ownStack({ ...config, ...sections });
    expect(said(inPreview(stack))).toEqual([]);
    expect(said(stack)).toEqual([]);
  }
});

/** The same stack with more workers, each a copy of the first with all that is its own. */
function withWorkers(resources: readonly Resource[], count: number): Resource[] {
  const first = "prod-general-1";
  const own = resources.filter(({ urn }) => new RegExp(`${first}\\b`).test(urn));
  const text = JSON.stringify(own);
  return [
    ...resources,
    ...Array.from(
      { length: count },
      (_, index) =>
        JSON.parse(
          text.replaceAll(new RegExp(`${first}\\b`, "g"), `prod-general-${index + 10}`),
        ) as Resource[],
    ).flat(),
  ];
}

test("500 nodes are no more work than 500 times one", () => {
  const many = withWorkers(made.oneZone, 488);
  expect(many.filter(({ type }) => type === "tencentcloud:index/instance:Instance")).toHaveLength(
    500,
  );
  const started = performance.now();
  expect(said(many)).toEqual([]);
  const milliseconds = Math.round(performance.now() - started);
  console.info(`${rules.length} rules on ${many.length} resources: ${milliseconds} ms`);
});
