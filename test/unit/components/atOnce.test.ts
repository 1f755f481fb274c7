import { operationsAtOnce, workersAtOnce } from "../../../components/atOnce";
import { HaCluster } from "../../../components/cluster";
import { minimalConfig, planOf } from "../plan/fixture";
import { record, settled } from "./support/recording";

// A bastion, three members of etcd, three masters, two balancers: nine hosts besides workers.
const withWorkers = (members: number, etcd: 3 | 5 = 3) =>
  planOf((config) => {
    config.workers[0].members = members;
    config.etcd.members = etcd;
  });

test.each([
  ["room for all", 10, 19, 10],
  ["all but one", 10, 18, 9],
  ["as many as there are of others", 10, 9, 1],
  ["fewer than there are of others", 10, 8, 1],
  ["without a limit", 10, 2 ** 31 - 1, 2 ** 31 - 10],
  ["the engine's default on sixteen cores", 200, 64, 55],
])("%s: of %d workers, with %d operations, %d", (_, workers, operations, expected) =>
  expect(workersAtOnce(withWorkers(workers), operations)).toBe(expected),
);

test.each([
  [3, 3, 4],
  [3, 5, 6],
])("%d operations are too few for %d members of etcd", (operations, etcd, needed) =>
  expect(() => workersAtOnce(withWorkers(2, etcd as 3 | 5), operations)).toThrow(
    `it takes ${needed} or more. Use --parallel ${9 - 3 + etcd + 2}, or PULUMI_PARALLEL=${9 - 3 + etcd + 2}.`,
  ),
);

test("what the engine tells the program counts, or else its default", () => {
  expect(operationsAtOnce({ PULUMI_NODEJS_PARALLEL: "7" })).toBe(7);
  expect(operationsAtOnce({}) % 4).toBe(0);
  expect(operationsAtOnce({ PULUMI_NODEJS_PARALLEL: "-1" })).toBe(operationsAtOnce({}));
});

/** For each step of a worker, the steps of workers that it waits for. */
async function waits(operations: number): Promise<Record<string, string[]>> {
  const registered = await record(operations);
  const config = minimalConfig();
  config.workers = [
    { ...config.workers[0], pool: "a", members: 3 },
    { ...config.workers[0], pool: "b", members: 2, addressBlock: 2 },
  ];
  new HaCluster(config.name, { config });
  await settled(registered);
  return Object.fromEntries(
    registered
      .filter(({ type, name }) => type.endsWith(":Command") && name.endsWith("-worker"))
      .map(({ name, options }) => [
        name,
        options.dependencies.filter((each) => each.endsWith("-worker")),
      ]),
  );
}

test("with room for all, no worker waits for another", async () => {
  expect(Object.values(await waits(14))).toEqual([[], [], [], [], []]);
});

test("with room for two, each waits for the second before it, across pools", async () => {
  expect(await waits(11)).toEqual({
    "prod-a-1-worker": [],
    "prod-a-2-worker": [],
    "prod-a-3-worker": ["prod-a-1-worker"],
    "prod-b-1-worker": ["prod-a-2-worker"],
    "prod-b-2-worker": ["prod-a-3-worker"],
  });
});
