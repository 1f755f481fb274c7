import { Hono } from "hono";
import { z } from "zod";

import { effectivePower } from "./desiredWorld";
import { faultSchema, type Faults } from "./faults";
import { deadHosts, instancesOn, killHost, setLink, setOverlay, startHost } from "./outages";
import { hostsOf, listHosts, type FaultDomain, type PhysicalHost } from "./physical";
import type { Reconciler } from "./reconciler";
import { resourceTables, type InstanceRecord } from "./records";
import type { RequestLog } from "./requestLog";
import { terminate } from "./services/cvm/terminateInstances";
import type { CloudSettings } from "./settings";
import type { Store } from "./store";

export interface AdminParts {
  settings: CloudSettings;
  store: Store;
  reconciler: Reconciler;
  requestLog: RequestLog;
  faults: Faults;
  /** Orders that the world behind the cloud takes. */
  worldRoutes?: Hono | undefined;
}

/** How long an order waits for the world to carry it out, in ms. */
const orderTimeoutMs = 60_000;

class AdminError extends Error {
  constructor(
    readonly status: 400 | 404 | 409 | 504,
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

  const instanceOrders = {
    kill: (id: string) => setOverlay(store, id, "failed"),
    freeze: (id: string) => setOverlay(store, id, "frozen"),
    start: (id: string) => setOverlay(store, id, undefined),
    thaw: (id: string) => setOverlay(store, id, undefined),
    cut: (id: string) => setLink(store, id, true),
    mend: (id: string) => setLink(store, id, false),
    reclaim: (id: string) => reclaim(store, id),
  };
  admin.post("/instances/:id/:order{kill|start|freeze|thaw|cut|mend|reclaim}", async (c) => {
    const id = c.req.param("id");
    if (!store.tables.instances.get(id)) {
      throw new AdminError(404, `no instance '${id}'`);
    }
    const carryOut = instanceOrders[c.req.param("order") as keyof typeof instanceOrders];
    return c.json(await order(() => carryOut(id)));
  });

  const each = (host: PhysicalHost, carryOut: (id: string) => void): void =>
    instancesOn(store, host).forEach(({ id }) => carryOut(id));
  const hostOrders = {
    kill: (host: PhysicalHost) => killHost(store, host),
    start: (host: PhysicalHost) => startHost(store, host),
    cut: (host: PhysicalHost) => each(host, instanceOrders.cut),
    mend: (host: PhysicalHost) => each(host, instanceOrders.mend),
  };
  const domains = { hosts: "host", racks: "rack", switches: "switch", zones: "zone" } as const;
  admin.post(
    "/:domain{hosts|racks|switches|zones}/:name/:order{kill|start|cut|mend}",
    async (c) => {
      const kind = domains[c.req.param("domain") as keyof typeof domains];
      const struck = within(hosts, kind, c.req.param("name"));
      const carryOut = hostOrders[c.req.param("order") as keyof typeof hostOrders];
      return c.json(await order(() => struck.forEach(carryOut)));
    },
  );

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

/** Has the cloud take a spot instance back, without the notice that it gives. @throws AdminError of any other instance */
function reclaim(store: Store, id: string): void {
  const instance = store.tables.instances.get(id);
  if (instance?.chargeType !== "SPOTPAID") {
    throw new AdminError(409, `${id} is no spot instance`);
  }
  terminate(store, instance, "");
}

/** @throws AdminError when there is no such host, rack, switch or zone. */
function within(hosts: readonly PhysicalHost[], kind: FaultDomain, name: string): PhysicalHost[] {
  try {
    return hostsOf(hosts, kind, name);
  } catch (error) {
    throw new AdminError(404, (error as Error).message);
  }
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
    link: instance.linkCut ? "cut" : "up",
  };
}
