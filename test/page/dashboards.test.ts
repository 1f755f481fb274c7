import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { createDashboards } from "../../lab/ui/dashboards";
import { waitFor } from "../../lab/wait";
import { dashboardFiles } from "../../monitoring/dashboards";
import { Browser } from "./browser";

jest.setTimeout(180_000);

const alerts = [
  {
    labels: { alertname: "ToleranceUsedUp", severity: "critical", of: "etcd" },
    annotations: { summary: "No more of prod's etcd may be lost" },
    ...{ state: "firing", activeAt: "2026-11-27T12:00:00Z" },
  },
  {
    labels: { alertname: "HostDown", severity: "warning", instance: "prod-etcd-2" },
    annotations: { summary: "prod-etcd-2 does not answer" },
    ...{ state: "pending", activeAt: "2026-11-27T12:01:00Z" },
  },
];

/** Two series of a quarter of an hour, of which the second has a gap; nothing for who asks for failures. */
function series(path: string): object[] {
  const asked = new URLSearchParams(path.split("?")[1]);
  asking.push(asked.get("query") ?? "");
  if (asked.get("query")?.includes('code=~"5.."')) return [];
  const [start, step] = [Number(asked.get("start")), Number(asked.get("step"))];
  return ["prod-etcd-1", "prod-etcd-2"].map((instance, which) => ({
    metric: { instance, of: "etcd", role: "etcd" },
    values: Array.from({ length: 150 }, (_, at) => at)
      .filter((at) => which === 0 || at < 60 || at > 80)
      .map((at) => [start + at * step, String(which + 0.2 * Math.sin(at / 9))]),
  }));
}
const asking: string[] = [];

const page = createDashboards(
  {
    ask: (path) => {
      const data = path.startsWith("/api/v1/alerts") ? { alerts } : { result: series(path) };
      return Promise.resolve(JSON.stringify({ status: "success", data }));
    },
  },
  "prod",
);
const server = createAdaptorServer({ fetch: page.fetch, createServer }) as ReturnType<
  typeof createServer
>;
let browser: Browser;
beforeAll(async () => {
  browser = await Browser.open();
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  await browser.show(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
});
afterAll(async () => {
  await browser.close();
  server.closeAllConnections();
  server.close();
});

const shows = (expression: string, wanted: unknown): Promise<true> =>
  waitFor({ what: `${expression} to be ${String(wanted)}`, deadlineSeconds: 60 }, async (seen) => {
    const value = await browser.value(expression);
    seen(JSON.stringify(value));
    return JSON.stringify(value) === JSON.stringify(wanted) ? true : undefined;
  });

test("alerts are listed, those that fire first", async () => {
  await shows("document.querySelector('#verdict').textContent", "1 alert fires");
  await shows(
    "[...document.querySelectorAll('#alerts tr')].map((row) => row.children[2].textContent)",
    ["ToleranceUsedUp", "HostDown"],
  );
});

test.each(Object.values(dashboardFiles).map((text, at) => [at, JSON.parse(text)] as const))(
  "dashboard %i is shown as its file has it",
  async (at, file) => {
    const { title, panels } = file as { title: string; panels: { title: string }[] };
    await shows(`document.querySelectorAll('#choice button')[${at}].textContent`, title);
    await browser.value(`document.querySelectorAll('#choice button')[${at}].click()`);
    await shows("document.querySelectorAll('.panel[data-shown]').length", panels.length);
    await shows(
      "[...document.querySelectorAll('.panel h3')].map((each) => each.textContent)",
      panels.map((panel) => panel.title),
    );
    // Nothing went wrong in any; who has no series says so.
    await shows(
      "[...new Set([...document.querySelectorAll('.none')].map((each) => each.textContent))]",
      title.includes("API") ? ["none"] : [],
    );
    console.log(`to be looked at: ${await browser.screenshot(`dashboards-${at}.png`)}`);
  },
);

test("the cluster is the one that is watched", () => {
  expect(asking.length).toBeGreaterThan(30);
  for (const query of asking) expect(query).not.toContain("$");
  expect(asking.some((query) => query.includes('cluster="prod"'))).toBe(true);
});
