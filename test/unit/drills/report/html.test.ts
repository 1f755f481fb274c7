import type { Practised } from "../../../../drills/practise";
import { renderHtml } from "../../../../drills/report/html";
import { plot } from "../../../../drills/report/plot";
import { renderText } from "../../../../drills/report/text";

const exercise = { name: "master", about: "a master <dies>", expected: "others serve" };
const at = new Date("2027-03-01T10:20:30Z");
const tried = {
  does: "power loss of lab-master-1 & its disk",
  checks: [
    { what: "new connections fail", expected: "for 3 s at most", measured: "1.2 s", passed: true },
    {
      what: "the last acknowledged write",
      expected: "is kept",
      measured: "is LOST",
      passed: false,
    },
  ],
  events: [
    { at: 105, what: "power loss" },
    { at: 130, what: "put right" },
  ],
  writes: [
    { start: 100, end: 100.01, error: "" },
    { start: 105.1, end: 106.1, error: "connect: timeout" },
  ],
  connections: [{ start: 101, end: 101.1, error: "" }],
};
const practised: Practised[] = [
  { exercise, at, outcome: "failed", tried },
  { exercise: { ...exercise, name: "balancer" }, at, outcome: "left out" },
  { exercise: { ...exercise, name: "restore" }, at, outcome: "broken", why: "no <lab>" },
];

test("the page needs nothing beside itself, and says what is of each", () => {
  const html = renderHtml({ cluster: "the lab", at }, practised);
  expect(html).toContain("Drills of 2027-03-01 10:20 UTC");
  expect(html).not.toMatch(/(?:src|href)="(?!#)|url\(|https?:/);
  expect(html).toContain("A master &lt;dies&gt;. Expected: others serve.");
  expect(html).toContain("power loss of lab-master-1 &amp; its disk");
  expect(html).toContain("This cluster has no such part.");
  expect(html).toContain("no &lt;lab&gt;");
  expect(html.match(/<svg/g)).toHaveLength(1);
});

test("a dot for each request where it began, as high as it took; a line for each event", () => {
  const svg = plot(tried);
  const dots = [...svg.matchAll(/<circle class="([^"]+)" cx="([\d.]+)" cy="([\d.]+)"/g)].map(
    ([, kind, x, y]) => ({ kind, x: Number(x), y: Number(y) }),
  );
  expect(dots.map(({ kind }) => kind)).toEqual(["connection", "write", "write failed"]);
  const [connection, write, failed] = dots as [
    (typeof dots)[0],
    (typeof dots)[0],
    (typeof dots)[0],
  ];
  expect(write.x).toBeLessThan(connection.x);
  expect(connection.x).toBeLessThan(failed.x);
  // The slower, the higher.
  expect(failed.y).toBeLessThan(connection.y);
  expect(connection.y).toBeLessThan(write.y);
  const events = [...svg.matchAll(/<line class="event" x1="([\d.]+)"/g)].map(([, x]) => Number(x));
  expect(events).toHaveLength(2);
  // 105 of 100 to 130, just before the write that failed.
  expect(events[0]).toBeLessThan(failed.x);
  expect(events[0]).toBeGreaterThan(connection.x);
});

test("at a terminal: what was done, expected and measured", () => {
  const [failed, left, broken] = practised.map(renderText) as [string, string, string];
  expect(failed).toMatch(/^master: FAILED\n {2}done: power loss of lab-master-1/);
  expect(failed).toMatch(/new connections fail +│ for 3 s at most +│ 1\.2 s +│ pass/);
  expect(failed).toMatch(/is LOST +│ FAIL/);
  expect(left).toContain("balancer: LEFT OUT");
  expect(broken).toContain("no <lab>");
});
