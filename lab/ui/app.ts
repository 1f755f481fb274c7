import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Context, Hono, type MiddlewareHandler } from "hono";
import { streamSSE } from "hono/streaming";
import type { Admin } from "../admin";
import type { Feed } from "./feed";

/** Parts of the lab that the page shows and orders. */
export interface UiParts {
  admin: Pick<Admin, "power" | "instance" | "placement">;
  feed: Feed;
}

/** Header that orders carry: a page of somebody else's cannot send it without being asked about first, which nobody allows. */
const orderHeader = "x-kubernetes-ha";

/** Names that a browser on this machine calls us by: a page of somebody else's that made its own name lead here is refused. */
const ownNames = ["127.0.0.1", "localhost"];

/** Lets in who calls us by our own names, and orders that come from the page itself. */
export const ownVisitors: MiddlewareHandler = async (c, next) => {
  const [name = ""] = (c.req.header("host") ?? "").split(":");
  if (!ownNames.includes(name)) return c.text("call it by 127.0.0.1", 403);
  if (c.req.method !== "GET" && c.req.header(orderHeader) === undefined)
    return c.text("orders come from the page itself", 403);
  return next();
};

/** A page with no script, style, image or connection but its own. */
export function ownPage(c: Context, html: string): Response | Promise<Response> {
  c.header(
    "content-security-policy",
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'",
  );
  return c.html(html);
}

/** The page, what it is told, and its orders. */
export function createUi({ admin, feed }: UiParts): Hono {
  const app = new Hono();
  app.use(ownVisitors);
  app.onError((error, c) => c.json({ error: error.message }, 500));

  app.get("/", (c) => ownPage(c, readFileSync(join(__dirname, "page.html"), "utf8")));

  app.get("/feed", (c) =>
    streamSSE(c, async (stream) => {
      const ended = new Promise<void>((end) => {
        stream.onAbort(end);
      });
      const stop = feed.listen((event, data) => {
        void stream.writeSSE({ event, data: JSON.stringify(data) });
      });
      await ended;
      stop();
    }),
  );

  app.post("/machines/:name/:order{kill|start}", async (c) => {
    const { name, order } = c.req.param();
    feed.log(`${name}: ${order === "kill" ? "power lost" : "power returns"}`);
    await admin.power(name, order as "kill" | "start");
    return c.json({});
  });

  app.post("/instances/:id/:order{kill|start|cut|mend}", async (c) => {
    const { id, order } = c.req.param();
    const name = (await admin.placement()).find(({ instanceId }) => instanceId === id)?.name ?? id;
    feed.log(`${name}: ${said[order as keyof typeof said]}`);
    await admin.instance(id, order as keyof typeof said);
    return c.json({});
  });
  return app;
}

const said = {
  kill: "power lost",
  start: "power returns",
  cut: "link cut",
  mend: "link mended",
} as const;
