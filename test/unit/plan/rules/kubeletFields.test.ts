import { freeKubeletFields, ownerOfField } from "../../../../components/plan/kubeletFields";
import { kubeletConfiguration, renderKubeletPatch } from "../../../../components/render";
import { parse } from "yaml";
import { first, line, planHaving, planOf, problemsOf } from "../fixture";

const rendered = (() => {
  const plan = planOf();
  const patch = parse(renderKubeletPatch(plan, first(plan.workers))) as object;
  return { shared: Object.keys(kubeletConfiguration(plan)), patch: Object.keys(patch) };
})();

/** What the cluster says for all nodes, and anybody may say otherwise. */
const defaults = [
  ...["containerLogMaxFiles", "containerLogMaxSize", "maxParallelImagePulls"],
  ...["serializeImagePulls", "shutdownGracePeriod", "shutdownGracePeriodCriticalPods"],
];

test("all that is rendered is known as the cluster's, but for what is a default", () => {
  const free = [...rendered.shared, ...rendered.patch].filter(
    (field) => ownerOfField(field) === undefined,
  );
  expect(free.sort()).toEqual(defaults);
  // A default is in what all nodes share, which the patch with these fields lies over.
  for (const field of defaults) expect(rendered.patch).not.toContain(field);
});

test("no field is both", () => {
  expect(freeKubeletFields.filter((field) => ownerOfField(field) !== undefined)).toEqual([]);
  expect(new Set(freeKubeletFields).size).toBe(freeKubeletFields.length);
});

test("fields reach the patch of every node, and no etcd host's kubelet", () => {
  const plan = planHaving({
    kubelet: { extraConfig: { evictionSoft: { "memory.available": "1Gi" }, registryBurst: 20 } },
  });
  for (const host of [...plan.masters, ...plan.workers])
    expect(parse(renderKubeletPatch(plan, host))).toMatchObject({
      ...{ evictionSoft: { "memory.available": "1Gi" }, registryBurst: 20 },
      ...{ kind: "KubeletConfiguration", maxPods: 110 },
    });
});

test.each<[string, unknown, string]>([
  [
    "maxPods",
    60,
    "kubelet.extraConfig.maxPods: the cluster sets this field itself. Take it out; what decides on it is kubelet.maxPods.",
  ],
  [
    "evictionHard",
    {},
    "kubelet.extraConfig.evictionHard: the cluster sets this field itself. Take it out.",
  ],
  [
    "imageGCHighTresholdPercent",
    75,
    "kubelet.extraConfig.imageGCHighTresholdPercent: KubeletConfiguration has no such field. Did you mean kubelet.extraConfig.imageGCHighThresholdPercent.",
  ],
  [
    "colour",
    "blue",
    "kubelet.extraConfig.colour: KubeletConfiguration has no such field. Take it out.",
  ],
])("%s is refused", (field, value, said) => {
  const found = problemsOf((config) => (config.kubelet = { extraConfig: { [field]: value } }));
  expect(found.map(line)).toEqual([said]);
});
