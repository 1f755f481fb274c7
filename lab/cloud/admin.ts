import { Hono } from "hono";
import { z } from "zod";

import { effectivePower } from "./desiredWorld";
import type { ActionFaults } from "./faults";
import { findHost, listHosts, type PhysicalHost } from "./physical";
import type { Reconciler } from "./reconciler";
import { resourceTables, without, type InstanceRecord } from "./records";
import type { RequestLog } from "./requestLog";
import type { CloudSettings } from "./settings";
import type { Store } from "./store";

export interface AdminParts {
  settings: CloudSettings;
  store: Store;
  reconciler: Reconciler;
  requestLog: RequestLog;
  faults: ActionFaults;
  /** Orders that the world behind the cloud takes. */
  worldRoutes?: Hono | undefined;
}

/** How long an order waits for the world to carry it out, in ms. */
const orderTimeoutMs = 60_000;

const faultSchema = z.strictObject({
  action: z.string().min(1),
  code: z.string().min(1),
  times: z.number().int().positive().default(1),
  message: z.string().optional(),
});

class AdminError extends Error {
  constructor(
    readonly status: 400 | 404 | 504,
    message: string,
  ) {
    super(message);
  }
}

/**
 * The lab's own view and levers, which no real cloud has: where instances stand, power of physical hosts and instances,
 * the API log, ordered failures. Orders answer once the world has carried them out (504 after a minute).
 *
 * The control plane learns nothing of these faults: DescribeInstances goes on saying RUNNING, as a real one does for a
 * while, so that a refresh in the middle of an outage shows no drift.
 */
export function createAdmin(parts: AdminParts): Hono {
  const { store, settings, reconciler } = parts;
  const hosts = listHosts(settings.inventory);
  const admin = new Hono();

  admin.onError((error, c) =>
    c.json({ error: error.message }, error instanceof AdminError ? error.status : 500),
  );
  admin.notFound((c) => c.json({ error: `no route ${c.req.method} ${c.req.path}` }, 404));

  admin.get("/healthz", (c) => c.json({ ok: true, pid: process.pid, world: reconciler.state }));

  admin.get("/placement", (c) => {
    const dead = deadHosts(store);
    return c.json(store.tables.instances.list().map((each) => placement(store, hosts, dead, each)));
  });

  admin.get("/hosts", (c) => {
    const dead = deadHosts(store);
    const instances = store.tables.instances.list();
    return c.json(
      hosts.map((host) => ({
        ...host,
        power: dead.has(host.name) ? "failed" : "running",
        instances: instances.filter((i) => i.physicalHost === host.name).map((i) => i.id),
      })),
    );
  });

  admin.get("/resources", (c) =>
    c.json(
      Object.fromEntries(
        resourceTables.map((name) => [name, store.tables[name].list().map((each) => each.id)]),
      ),
    ),
  );

  admin.get("/requests", (c) =>
    c.json(parts.requestLog.last(Number(c.req.query("last") ?? "200"))),
  );

  admin.get("/world", (c) => c.json(reconciler.state));

  const order = async (work: () => void): Promise<{ ok: true }> => {
    store.transaction(work);
    try {
      await reconciler.settled(orderTimeoutMs);
    } catch (error) {
      throw new AdminError(504, error instanceof Error ? error.message : String(error));
    }
    return { ok: true };
  };

  admin.post("/hosts/:host/:order{kill|start}", async (c) => {
    const name = c.req.param("host");
    const host = findHost(hosts, name);
    if (!host) {
      const names = hosts.map((each) => each.name).join(", ");
      throw new AdminError(404, `no physical host '${name}'; there are: ${names}`);
    }
    return c.json(
      await order(() =>
        c.req.param("order") === "kill" ? killHost(store, host) : startHost(store, host),
      ),
    );
  });

  admin.post("/instances/:id/:order{kill|start|freeze|thaw}", async (c) => {
    const instance = store.tables.instances.get(c.req.param("id"));
    if (!instance) {
      throw new AdminError(404, `no instance '${c.req.param("id")}'`);
    }
    const overlays = {
      kill: "failed",
      freeze: "frozen",
      start: undefined,
      thaw: undefined,
    } as const;
    const overlay = overlays[c.req.param("order") as keyof typeof overlays];
    return c.json(await order(() => setOverlay(store, instance.id, overlay)));
  });

  admin.post("/all/:order{stop|start}", async (c) =>
    c.json(
      await order(() => {
        const stop = c.req.param("order") === "stop";
        if (!stop) {
          store.tables.deadHosts.list().forEach((each) => store.tables.deadHosts.remove(each.id));
        }
        for (const { id } of store.tables.instances.list()) {
          setOverlay(store, id, stop ? "stopped" : undefined);
        }
      }),
    ),
  );

  admin.get("/faults", (c) => c.json(parts.faults.list()));
  admin.post("/faults", async (c) => {
    const parsed = faultSchema.safeParse(await c.req.json().catch(() => undefined));
    if (!parsed.success) {
      throw new AdminError(400, z.prettifyError(parsed.error));
    }
    parts.faults.add(parsed.data);
    return c.json({ ok: true });
  });
  admin.delete("/faults", (c) => {
    parts.faults.clear();
    return c.json({ ok: true });
  });

  if (parts.worldRoutes) admin.route("/", parts.worldRoutes);
  return admin;
}

function deadHosts(store: Store): Set<string> {
  return new Set(store.tables.deadHosts.list().map((each) => each.id));
}

function placement(
  store: Store,
  hosts: readonly PhysicalHost[],
  dead: ReadonlySet<string>,
  instance: InstanceRecord,
): object {
  const host = hosts.find((each) => each.name === instance.physicalHost);
  const eip = store.tables.addresses.list().find((each) => each.targetId === instance.id);
  const group = instance.groupIds[0] && store.tables.placementGroups.get(instance.groupIds[0]);
  const publicIp = eip?.ip ?? instance.publicIp;
  return {
    instanceId: instance.id,
    name: instance.name,
    privateIp: instance.privateIp,
    ...(publicIp !== undefined && { publicIp }),
    physicalHost: instance.physicalHost,
    rack: host?.rack ?? "",
    switch: host?.switch ?? "",
    zone: instance.zone,
    ...(group && { group: group.name }),
    state: instance.state,
    power: effectivePower(instance, dead),
  };
}

function killHost(store: Store, host: PhysicalHost): void {
  store.tables.deadHosts.put({
    id: host.name,
    seq: store.next(),
    createdAt: new Date().toISOString(),
  });
}

/** Power returns: the host and whatever was killed or frozen on it run again. */
function startHost(store: Store, host: PhysicalHost): void {
  store.tables.deadHosts.remove(host.name);
  for (const instance of store.tables.instances.list()) {
    if (instance.physicalHost === host.name) {
      setOverlay(store, instance.id, undefined);
    }
  }
}

function setOverlay(store: Store, id: string, overlay: InstanceRecord["overlay"]): void {
  const instance = store.tables.instances.get(id);
  if (instance) {
    const rest = without(instance, "overlay");
    store.tables.instances.put({ ...rest, ...(overlay !== undefined && { overlay }) });
  }
}
