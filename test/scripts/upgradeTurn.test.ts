import { KubeApi, node } from "./support/kubeApi";

const [old, newer] = ["v1.36.3", "v1.37.2"];
let api: KubeApi;
beforeEach(async () => {
  api = await new KubeApi().start();
  for (const key of [1, 2, 3]) api.add(node(`lab-master-${key}`, newer, { master: true }));
  for (const key of [1, 2, 10]) api.add(node(`lab-general-${key}`, old));
  api.add(node("lab-gpu-1", old));
});
afterEach(() => api.close());

/** Waits for a worker's turn, for as long as nothing moves. */
const wait = (name: string, most = 1, seconds = 0) =>
  api.run("upgrade-turn.py", "wait", `lab-${name}`, newer, String(most), String(seconds));
const gone = (...names: string[]) => names.forEach((name) => api.add(node(`lab-${name}`, newer)));

test("the first of a pool goes, whatever other pools do; those after it wait for it, however many may be away", async () => {
  expect((await wait("general-1")).code).toBe(0);
  expect((await wait("gpu-1")).code).toBe(0);
  for (const most of [1, 3]) {
    const { code, said } = await wait("general-2", most);
    expect(code).toBe(1);
    expect(said).toContain("lab-general-1 goes first, alone");
  }
});

test("then so many as may be away, in the order of their keys", async () => {
  gone("general-1");
  expect((await wait("general-2")).code).toBe(0);
  expect((await wait("general-10")).said).toContain("lab-general-2 have yet to be Ready");
  expect((await wait("general-10", 2)).code).toBe(0);
});

test("who is away for another reason counts", async () => {
  gone("general-1");
  api.add(node("lab-general-10", old, { ready: false }));
  expect((await wait("general-2")).said).toContain("lab-general-10 have yet to be Ready");
  expect((await wait("general-2", 2)).code).toBe(0);
});

test("one whose pods have yet to come back has not gone", async () => {
  gone("general-1");
  const first = api.nodes.get("lab-general-1");
  if (first) first.metadata.annotations["kubernetes-ha/drained"] = "yes";
  expect((await wait("general-2")).code).toBe(1);
});

test("no worker goes before all masters", async () => {
  api.add(node("lab-master-2", old, { master: true }));
  expect((await wait("general-1")).said).toContain(
    "master lab-master-2 has yet to be Ready with v1.37.2",
  );
  const later = wait("general-1", 1, 60);
  setTimeout(() => api.add(node("lab-master-2", newer, { master: true })), 500);
  expect((await later).code).toBe(0);
});

test("a failure is told to those that wait, and to none that begin after it", async () => {
  const waiting = wait("general-2", 1, 60);
  setTimeout(() => void api.run("upgrade-turn.py", "failed", "lab-general-1"), 1000);
  const { code, said } = await waiting;
  expect(code).toBe(1);
  expect(said).toContain("lab-general-1 has failed, so this one stays as it is");
  expect((await wait("general-2")).said).toContain("lab-general-1 goes first, alone");
  await api.run("upgrade-turn.py", "done", "lab-general-1");
  expect(api.nodes.get("lab-general-1")?.metadata.annotations).toEqual({});
});

test("a failure in another pool is no matter", async () => {
  const waiting = wait("general-2", 1, 3);
  setTimeout(() => void api.run("upgrade-turn.py", "failed", "lab-gpu-1"), 500);
  expect((await waiting).said).toContain("nothing has moved for 3 s");
});
