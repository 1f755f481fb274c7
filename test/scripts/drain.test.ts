import { type FakePod, KubeApi, node } from "./support/kubeApi";

let api: KubeApi;
beforeEach(async () => {
  api = await new KubeApi().start();
  api.add(node("w1", "v1.36.3"));
});
afterEach(() => api.close());

function pod(name: string, more: Partial<FakePod["metadata"]> = {}, phase = "Running"): void {
  api.pods.set(name, { metadata: { name, namespace: "default", ...more }, status: { phase } });
}
const w1 = () => api.nodes.get("w1") ?? node("none", "");

test("pods are evicted, but for those that belong to the node; it takes no new ones meanwhile", async () => {
  pod("web");
  pod("bare");
  pod("proxy", { ownerReferences: [{ kind: "DaemonSet" }] });
  pod("etcd", { annotations: { "kubernetes.io/config.mirror": "x" } });
  pod("job", {}, "Succeeded");
  expect(await api.run("drain.py", "out", "w1", "30")).toEqual({ code: 0, said: "" });
  expect(api.evicted).toEqual(["web", "bare"]);
  expect(w1().spec.unschedulable).toBe(true);
  expect(await api.run("drain.py", "back", "w1")).toEqual({ code: 0, said: "" });
  expect(w1().spec.unschedulable).toBeNull();
  expect(w1().metadata.annotations).toEqual({});
});

test("a budget is waited for, then told of", async () => {
  pod("web");
  pod("db");
  api.kept.add("db");
  const { code, said } = await api.run("drain.py", "out", "w1", "0");
  expect(code).toBe(3);
  expect(said).toContain("default/db: its budget does not allow it");
  const later = api.run("drain.py", "out", "w1", "60");
  setTimeout(() => api.kept.delete("db"), 500);
  expect((await later).code).toBe(0);
  expect(api.evicted).toEqual(["web", "db"]);
});

test("who was cordoned by somebody else stays so", async () => {
  w1().spec.unschedulable = true;
  await api.run("drain.py", "out", "w1", "30");
  await api.run("drain.py", "back", "w1");
  expect(w1().spec.unschedulable).toBe(true);
});

test("an API that does not answer is told of in the end", async () => {
  api.nodes.clear();
  const { code, said } = await api.run("drain.py", "out", "w1", "0");
  expect([code, said]).toEqual([3, 'the API: nodes "w1" not found\n']);
});
