import { createUi } from "../../../../lab/ui/app";
import { Feed } from "../../../../lab/ui/feed";

const page = { host: "127.0.0.1:8090", "x-kubernetes-ha": "page" };

function ui() {
  const orders: string[][] = [];
  const feed = new Feed();
  const take =
    (what: string) =>
    (...args: string[]): Promise<void> => {
      orders.push([what, ...args]);
      return args.includes("host-9") ? Promise.reject(new Error("no host-9")) : Promise.resolve();
    };
  const placement = () => Promise.resolve([{ instanceId: "ins-1", name: "lab-etcd-1" }] as never);
  const admin = { power: take("power"), instance: take("instance"), placement };
  const app = createUi({ admin, feed });
  const heard: unknown[] = [];
  feed.listen((kind, data) => heard.push([kind, data]));
  return {
    orders,
    heard,
    feed,
    ask: (path: string, headers: Record<string, string> = page, method = "POST") =>
      app.request(path, { method, headers }),
  };
}

test("the page is one file that asks nobody else for anything", async () => {
  const answer = await ui().ask("/", page, "GET");
  const text = await answer.text();
  expect(text).toContain("<title>Lab</title>");
  expect(text).not.toMatch(/https?:|src=|<link|@import/);
  expect(answer.headers.get("content-security-policy")).toContain("default-src 'none'");
});

test.each([
  ["/machines/host-1/kill", ["power", "host-1", "kill"], "host-1: power lost"],
  ["/machines/host-1/start", ["power", "host-1", "start"], "host-1: power returns"],
  ["/instances/ins-1/kill", ["instance", "ins-1", "kill"], "lab-etcd-1: power lost"],
  ["/instances/ins-1/cut", ["instance", "ins-1", "cut"], "lab-etcd-1: link cut"],
  ["/instances/ins-1/mend", ["instance", "ins-1", "mend"], "lab-etcd-1: link mended"],
])("%s is ordered, and told as an event", async (path, order, event) => {
  const { ask, orders, heard } = ui();
  expect((await ask(path)).status).toBe(200);
  expect(orders).toEqual([order]);
  expect(heard).toEqual([["event", { at: expect.any(Number) as number, what: event }]]);
});

test("an order that is refused says why", async () => {
  const answer = await ui().ask("/machines/host-9/kill");
  expect([answer.status, await answer.json()]).toEqual([500, { error: "no host-9" }]);
});

test.each([
  ["another page's order, which has no such header", { host: "127.0.0.1:8090" }],
  ["a name of somebody else's that leads here", { ...page, host: "lab.example.com" }],
])("%s is refused", async (_, headers) => {
  const { ask, orders } = ui();
  expect((await ask("/machines/host-1/kill", headers)).status).toBe(403);
  expect(orders).toEqual([]);
});

test.each(["/machines/host-1/melt", "/instances/ins-1/freeze"])("%s is no order", async (path) => {
  const { ask, orders } = ui();
  expect((await ask(path)).status).toBe(404);
  expect(orders).toEqual([]);
});

test("who comes later is told how things stand, and what has happened", async () => {
  const { ask, feed } = ui();
  feed.tell("machines", [1]);
  feed.tell("machines", [2]);
  feed.tell("writes", [3], false);
  feed.log("lab-etcd-1: power lost", 7);
  const answer = await ask("/feed", page, "GET");
  const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
  let text = "";
  while (!text.includes("power lost"))
    text += Buffer.from((await reader.read()).value ?? []).toString();
  await reader.cancel();
  expect(text).toContain("event: machines\ndata: [2]\n");
  expect(text).toContain('event: event\ndata: {"at":7,"what":"lab-etcd-1: power lost"}\n');
  expect(text).not.toMatch(/\[1\]|\[3\]/);
});
