import { imageOf } from "../../components/plan/images";
import { waitFor } from "../../lab/wait";
import { Edits } from "../support/edits";
import { TestLab } from "../support/lab";

// docs/hardening.md: a node of 8 GiB, whose reservation is enforced, with as many pods as it may have. Some 8 minutes on an idle machine of two cores.
jest.setTimeout(30 * 60_000);

const lab = new TestLab("full-node");
const edits = new Edits(lab);
const node = "lab-worker-1";
const runtime = ["kubelet", "containerd"];

beforeAll(async () => {
  await lab.must("down");
  await edits.up(({ workers }) =>
    Object.assign(workers[0] as object, { instanceType: "S5.LARGE8", members: 1 }),
  );
});
afterAll(async () => {
  if (!process.env["KEEP_LAB"]) await lab.must("down");
});

/** Kills for want of memory in a slice of the host, with either version of cgroups; all that happened below it count. */
const kills = async (slice: string): Promise<number> => {
  const told = await lab.onHost(
    node,
    `shopt -s nullglob globstar
    cat /sys/fs/cgroup/memory/${slice}/**/memory.oom_control /sys/fs/cgroup/${slice}/**/memory.events | awk '$1 == "oom_kill" {n += $2} END {print n + 0, NR}'`,
  );
  const [count, lines] = told.trim().split(" ").map(Number);
  // A slice that is not where it was looked for has no kills either.
  expect(lines).toBeGreaterThan(0);
  return count ?? NaN;
};

const starts = () => lab.onHost(node, `ps -o pid=,lstart= -C ${runtime.join()}`);

/** Pods of the node, by phase and readiness: `Running True`. */
async function pods(): Promise<string[]> {
  const path =
    '{range .items[*]}{.status.phase} {.status.conditions[?(@.type=="Ready")].status}{"\\n"}{end}';
  const told = await lab.kubectl(
    ...["get", "pods", "-A", "--field-selector", `spec.nodeName=${node}`],
    ...["-o", `jsonpath=${path}`],
  );
  return told.trim().split("\n");
}

test("as many pods as it may have run, and nothing of the runtime is killed for want of memory", async () => {
  const { maxPods } = edits.plan.config.kubelet;
  expect(
    await lab.onHost(node, "grep -A 3 enforceNodeAllocatable /var/lib/kubelet/config.yaml"),
  ).toMatch(/- kube-reserved/);
  const before = await starts();
  const room = maxPods - (await pods()).length;
  await lab.apply({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "full", namespace: "default" },
    spec: {
      replicas: room,
      selector: { matchLabels: { app: "full" } },
      template: {
        metadata: { labels: { app: "full" } },
        spec: {
          nodeSelector: { "kubernetes.io/hostname": node },
          terminationGracePeriodSeconds: 1,
          containers: [{ name: "pause", image: imageOf(edits.plan.config, "pause") }],
        },
      },
    },
  });
  const wanted = Array.from({ length: maxPods }, () => "Running True").join();
  await waitFor(
    { what: `${maxPods} pods to run`, deadlineSeconds: 1200, everyMs: 5000 },
    async (seen) => {
      const found = await pods();
      if (found.join() === wanted) return true;
      const running = found.filter((each) => each === "Running True").length;
      seen(`${running} of ${found.length} run`);
      return undefined;
    },
  );
  for (const slice of ["runtime.slice", "system.slice"]) expect(await kills(slice)).toBe(0);
  expect(await starts()).toBe(before);
  expect(before.trim().split("\n")).toHaveLength(runtime.length);
});

test("one more waits, and the node stays Ready with all it has", async () => {
  await lab.kubectl("scale", "deployment/full", "--replicas", "111");
  await waitFor({ what: "pods that wait", deadlineSeconds: 120 }, async (seen) => {
    const pending = await lab.kubectl(
      ...["get", "pods", "-A", "--field-selector", "status.phase=Pending", "-o", "name"],
    );
    seen(pending);
    return pending === "" ? undefined : true;
  });
  await lab.onHost(node, "systemctl restart kubelet");
  await waitFor({ what: "the node to be Ready", deadlineSeconds: 180 }, async (seen) => {
    const ready = await lab.kubectl(
      ...["get", "node", node, "-o", 'jsonpath={.status.conditions[?(@.type=="Ready")].status}'],
    );
    seen(ready);
    return ready === "True" ? true : undefined;
  });
  expect((await pods()).filter((each) => each === "Running True")).toHaveLength(
    edits.plan.config.kubelet.maxPods,
  );
  for (const slice of ["runtime.slice", "system.slice"]) expect(await kills(slice)).toBe(0);
});
