import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAdaptorServer } from "@hono/node-server";
import type { Practised } from "../../drills/practise";
import { renderHtml } from "../../drills/report/html";
import type { PhysicalHost, Placement } from "../../lab/admin";
import { createUi } from "../../lab/ui/app";
import { Feed } from "../../lab/ui/feed";
import { shownMachines } from "../../lab/ui/world";
import { waitFor } from "../../lab/wait";
import { judge } from "../../operations/status/judge";
import { healthyCluster } from "../unit/operations/status/healthy";
import { Browser } from "./browser";

jest.setTimeout(180_000);

let browser: Browser;
beforeAll(async () => {
  browser = await Browser.open();
});
afterAll(() => browser.close());

/** Waits until an expression in the page has a value. */
const shows = (expression: string, wanted: unknown): Promise<true> =>
  waitFor({ what: `${expression} to be ${String(wanted)}`, deadlineSeconds: 60 }, async (seen) => {
    const value = await browser.value(expression);
    seen(JSON.stringify(value));
    return JSON.stringify(value) === JSON.stringify(wanted) ? true : undefined;
  });

const cluster = healthyCluster();
const names = [...cluster.facts.hosts.keys()];
const placement = names.map((name, index): Placement => ({
  ...{ instanceId: `ins-${index}`, name, privateIp: `10.0.0.${index}`, power: "running" },
  ...{ physicalHost: `host-${(index % 3) + 1}`, rack: `rack-${(index % 3) + 1}` },
  ...{ switch: "switch-1", zone: "ap-guangzhou-6", link: "up" },
}));
const machines = (dead?: string): PhysicalHost[] =>
  ["host-1", "host-2", "host-3"].map((name) => ({
    ...{ name, zone: "ap-guangzhou-6", instances: [] },
    power: name === dead ? "failed" : "running",
  }));

describe("the lab's page", () => {
  const feed = new Feed();
  const orders: string[] = [];
  const take = (...args: string[]): Promise<void> => {
    orders.push(args.join(" "));
    return Promise.resolve();
  };
  const ui = createUi({
    admin: { power: take, instance: take, placement: () => Promise.resolve(placement) },
    feed,
  });
  const server = createAdaptorServer({ fetch: ui.fetch, createServer }) as ReturnType<
    typeof createServer
  >;

  beforeAll(async () => {
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const status = judge(cluster.facts);
    feed.tell("machines", shownMachines(machines(), placement, status));
    feed.tell("status", { status });
    await browser.show(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  test("shows machines with their instances, and what each is at the moment", async () => {
    await shows("document.querySelectorAll('.machine').length", 3);
    await shows("document.querySelectorAll('.instance').length", names.length);
    await shows("[...document.querySelectorAll('.mark')].map((each) => each.textContent).sort()", [
      "controller-manager",
      "etcd leader",
      "scheduler",
      "virtual address",
    ]);
    await shows("document.querySelector('#verdict').textContent", "healthy");
  });

  test("a machine is killed from it, and the loss is seen", async () => {
    await browser.value("document.querySelector('.machine button.kill').click()");
    await shows(
      "document.querySelector('#events').textContent.includes('host-1: power lost')",
      true,
    );
    expect(orders).toEqual(["host-1 kill"]);
    const now = Date.now();
    feed.tell("writes", { writer: "prod-workers-2", attempts: writes(now) }, false);
    const dead = placement.filter(({ physicalHost }) => physicalHost === "host-1");
    cluster.kill(...dead.map(({ name }) => name));
    const status = judge(cluster.facts);
    const rows = placement.map((row) => (dead.includes(row) ? { ...row, power: "dead" } : row));
    feed.tell("machines", shownMachines(machines("host-1"), rows, status));
    feed.tell("status", { status });
    await shows("document.querySelectorAll('.machine.failed').length", 1);
    await shows("document.querySelectorAll('.dot.dead').length", dead.length);
    await shows("document.querySelector('.machine.failed button').textContent", "power on");
    await shows("document.querySelector('#verdict').className", "ill");
    // Dots of what was served, and of what failed.
    await shows(`${pixels} .some(([r, g, b]) => b > 180 && r < 60)`, true);
    await shows(`${pixels} .some(([r, g, b]) => r > 200 && g < 90 && b < 90)`, true);
    console.log(`to be looked at: ${await browser.screenshot("page.png")}`);
  });
});

/** The line's picture, pixel by pixel. */
const pixels = `((canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return Array.from({ length: data.length / 4 }, (_, at) => data.subarray(at * 4, at * 4 + 3));
})(document.querySelector("#line"))`;

/** A minute and a half of writes, five a second; for some seconds of it they fail. */
function writes(now: number): { at: number; ms: number; error: string }[] {
  return Array.from({ length: 450 }, (_, index) => {
    const at = now - 90_000 + index * 200;
    const fails = index > 300 && index < 315;
    return {
      at,
      ms: fails ? 1000 : 8 + 4 * Math.sin(index),
      error: fails ? "connect: timeout" : "",
    };
  });
}

test("a report of drills is a page with plots, from a file and without a network", async () => {
  const at = Date.now() / 1000;
  const attempts = writes(at * 1000).map(({ at: start, ms, error }) => ({
    ...{ start: start / 1000, end: (start + ms) / 1000, error },
  }));
  const practised: Practised[] = ["master", "etcd-quorum"].map((name) => ({
    exercise: { name, about: "a host loses power", expected: "the others go on" },
    at: new Date(),
    outcome: "passed",
    tried: {
      does: "power loss of prod-master-1",
      checks: [
        { what: "writes", expected: "at most 10 s", measured: "2.8 s", passed: true },
        { what: "watches", expected: "none is cut", measured: "3 were", passed: false },
      ],
      events: [
        { at: at - 30, what: "power loss of prod-master-1" },
        { at: at - 5, what: "put right" },
        { at, what: "all well" },
      ],
      writes: attempts,
      connections: attempts.map((each) => ({ ...each, end: each.end + 0.02 })),
    },
  }));
  const directory = mkdtempSync(join(tmpdir(), "kubernetes-ha-report-"));
  try {
    const file = join(directory, "report.html");
    writeFileSync(file, renderHtml({ cluster: "the lab", at: new Date() }, practised));
    await browser.show(`file://${file}`);
    await shows("document.querySelectorAll('svg').length", 2);
    await shows("document.querySelectorAll('svg circle.failed').length", 4 * 14);
    // Nothing lies outside its plot.
    await shows(
      "[...document.querySelectorAll('svg circle')].every((each) => { const x = each.cx.baseVal.value, y = each.cy.baseVal.value; return x >= 0 && x <= 1000 && y >= 0 && y <= 320; })",
      true,
    );
    console.log(`to be looked at: ${await browser.screenshot("report.png")}`);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
