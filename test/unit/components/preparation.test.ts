import { ownPreparation, prepareHost, sharedPreparation } from "../../../components/preparation";
import { planOf } from "../plan/fixture";

const plan = planOf();
const byPath = (files: { path: string }[]) => [...files].sort((a, b) => (a.path < b.path ? -1 : 1));

test.each(plan.hosts)(
  "$name: what it shares and what is its own are together all there is",
  (host) => {
    const all = prepareHost(plan, host);
    const [shared, own] = [sharedPreparation(plan, host), ownPreparation(plan, host)];
    expect({ ...shared.params, ...own.params }).toEqual(all.params);
    expect(byPath([...shared.files, ...own.files])).toEqual(byPath(all.files));
  },
);

test.each(plan.hosts)("$name: what it shares names no host", (host) => {
  const text = JSON.stringify(sharedPreparation(plan, host));
  expect(text).not.toContain(host.name);
  expect(text).not.toContain(`${host.address}"`);
});

test("all hosts of a pool share the same, and one more changes nothing of it", () => {
  const more = planOf((config) => {
    config.workers[0].members = 7;
  });
  const [one, ...others] = more.workers;
  if (one === undefined) throw new Error("the plan has workers");
  const expected = sharedPreparation(plan, plan.workers[0] ?? one);
  for (const worker of [one, ...others]) expect(sharedPreparation(more, worker)).toEqual(expected);
});

test("packages, binaries and images of a worker are shared: its own part is small", () => {
  const [worker] = plan.workers;
  if (worker === undefined) throw new Error("the plan has workers");
  expect(Object.keys(ownPreparation(plan, worker).params).sort()).toEqual([
    "HOSTS_BLOCK",
    "NODE_NAME",
  ]);
  expect(ownPreparation(plan, worker).files.map(({ path }) => path)).toEqual([
    "/etc/default/kubelet",
  ]);
});
