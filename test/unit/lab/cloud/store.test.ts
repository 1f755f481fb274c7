import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { Store } from "../../../../lab/cloud/store";

let dir: string;
let store: Store;
const record = (id: string, seq: number) => ({ id, seq, createdAt: "2026-01-01T00:00:00Z" });

beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), "kha-store-"));
  store = new Store(dir);
});
afterEach(async () => {
  await store.close();
  rmSync(dir, { recursive: true, force: true });
});

const ids = (): string[] => store.tables.deadHosts.list().map((each) => each.id);

test("what was written is there after the store was opened anew, in the order it was made", async () => {
  store.transaction(() => {
    store.tables.deadHosts.put(record("b", store.next()));
    store.tables.deadHosts.put(record("a", store.next()));
  });
  await store.close();
  store = new Store(dir);
  expect(ids()).toEqual(["b", "a"]);
  expect(store.next()).toBe(3);
});

test("a transaction that throws leaves nothing behind, neither on disk nor in memory", () => {
  store.transaction(() => store.tables.deadHosts.put(record("kept", store.next())));
  const failing = (): unknown =>
    store.transaction(() => {
      store.tables.deadHosts.put(record("new", store.next()));
      store.tables.deadHosts.remove("kept");
      throw new Error("no");
    });
  expect(failing).toThrow("no");
  expect(ids()).toEqual(["kept"]);
  expect(store.next()).toBe(2);
});

test("it tells whether anything was written", () => {
  expect(store.transaction(ids).changed).toBe(false);
  expect(store.transaction(() => store.tables.deadHosts.put(record("a", 1))).changed).toBe(true);
});

test("ids have the shape of the real ones and do not repeat", () => {
  const made = Array.from({ length: 50 }, () => store.newId("vpc", "vpcs"));
  expect(new Set(made).size).toBe(50);
  made.forEach((id) => expect(id).toMatch(/^vpc-[a-z0-9]{8}$/));
});

test("nobody else may look into the state: it holds user data", () => {
  expect(statSync(dir).mode & 0o777).toBe(0o700);
});
