import { renderNodeSettings } from "../../../components/render/nodeSettings";
import { planOf } from "../plan/fixture";

test("labels and taints of each pool, by the prefix of its nodes' names", () => {
  const plan = planOf((config) => {
    config.workers[0].labels = { team: "ml", empty: "" };
    config.workers.push({
      pool: "gpu",
      members: 1,
      instanceType: "S5.LARGE8",
      addressBlock: 1,
      taints: [
        { key: "gpu", value: "a100", effect: "NoSchedule" },
        { key: "spot", effect: "NoExecute" },
      ],
    });
  });
  expect(renderNodeSettings(plan)).toBe(
    "prod-worker label team=ml\nprod-worker label empty=\nprod-gpu taint gpu=a100:NoSchedule\nprod-gpu taint spot:NoExecute\n",
  );
});

test("how many workers there are changes nothing of it", () => {
  const withWorkers = (members: number) =>
    renderNodeSettings(
      planOf((config) => {
        Object.assign(config.workers[0], { members, labels: { a: "b" } });
      }),
    );
  expect(withWorkers(2)).toBe(withWorkers(3));
});
