import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Hono } from "hono";
import { dashboardFiles } from "../../monitoring/dashboards";
import { ownPage, ownVisitors } from "./app";

/** Prometheus, as far as the page goes. */
export interface Asked {
  ask(path: string): Promise<string>;
}

/** A page that shows the dashboards' files with what Prometheus has, and the alerts. @param cluster What their variable of that name is. */
export function createDashboards(prometheus: Asked, cluster: string): Hono {
  const app = new Hono();
  app.use(ownVisitors);
  app.onError((error, c) => c.json({ error: error.message }, 502));
  app.get("/", (c) => ownPage(c, readFileSync(join(__dirname, "dashboards.html"), "utf8")));
  app.get("/dashboards", (c) =>
    c.json({
      cluster,
      dashboards: Object.values(dashboardFiles).map((text) => JSON.parse(text) as object),
    }),
  );
  app.get("/alerts", async (c) => c.body(await prometheus.ask("/api/v1/alerts"), 200, json));
  app.get("/query", async (c) => {
    const { expr = "", seconds = "900" } = c.req.query();
    const end = Date.now() / 1000;
    const span = Math.min(86400, Math.max(60, Number(seconds)));
    const asked = new URLSearchParams({
      query: expr,
      start: String(end - span),
      end: String(end),
      step: String(Math.max(5, Math.round(span / 150))),
    });
    return c.body(await prometheus.ask(`/api/v1/query_range?${asked.toString()}`), 200, json);
  });
  return app;
}

const json = { "content-type": "application/json" };
