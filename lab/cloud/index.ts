import { chmodSync, mkdirSync, rmSync } from "node:fs";
import type { AddressInfo, Server, Socket } from "node:net";
import path from "node:path";

import { createAdaptorServer, type HttpBindings } from "@hono/node-server";

import type { World } from "../hosts/types";
import { createAdmin } from "./admin";
import { createCos, parseCosHost } from "./cos";
import { Faults } from "./faults";
import { createMetadata } from "./metadata";
import { Reconciler } from "./reconciler";
import { RequestLog } from "./requestLog";
import { createApi } from "./server";
import { services } from "./services";
import { parseSettings, type CloudSettingsInput } from "./settings";
import { Store } from "./store";

export type { CloudSettings, CloudSettingsInput, Inventory } from "./settings";

/** A local cloud that is up. */
export interface RunningCloud {
  /** Port the API listens on. */
  apiPort: number;
  /** Port of the admin API, if it has one. */
  adminPort: number | undefined;
  /** Stops answering and closes the state. The world is left as it is: hosts go on living. */
  close(): Promise<void>;
}

/** What a server serves with. */
interface Handler {
  fetch(request: Request, env: HttpBindings): Response | Promise<Response>;
}

/** How long answers that never change are remembered for their ClientToken, in ms. */
const tokenLifeMs = 24 * 60 * 60 * 1000;

/**
 * Starts the local Tencent Cloud: API, admin API, and the loop that keeps `world` like what was ordered.
 * It may be killed at any moment; started again with the same `stateDir` it goes on where it was.
 *
 * @param now Clock of the API: signatures, rate limits, times of creation.
 * @throws Error when the settings are wrong or an address is taken.
 */
export async function startCloud(
  input: CloudSettingsInput,
  world: World,
  log: (line: string) => void = (line) => process.stdout.write(`${line}\n`),
  now: () => Date = () => new Date(),
): Promise<RunningCloud> {
  const settings = parseSettings(input);
  mkdirSync(settings.stateDir, { recursive: true, mode: 0o700 });
  const store = new Store(settings.stateDir);
  forgetOldTokens(store);
  const requestLog = new RequestLog(
    settings.requestLog ?? path.join(settings.stateDir, "requests.jsonl"),
  );
  const faults = new Faults();
  const reconciler = new Reconciler(store, world, log);
  const api = createApi({
    settings,
    store,
    services,
    faults,
    requestLog,
    targetHealth: () => world.targetHealth(),
    now,
    changed: () => reconciler.schedule(),
  });
  const cos = createCos({ settings, store, faults, requestLog, now });
  // The object storage speaks XML to host names of its own; all else is the API.
  const gateway: Handler = {
    fetch: (request, env) =>
      parseCosHost(env.incoming.headers.host ?? "") ? cos(env.incoming) : api.fetch(request, env),
  };
  const metadata = createMetadata({ settings, store, now });
  const insideGateway: Handler = {
    fetch: (request, env) => {
      const { host = "" } = env.incoming.headers;
      if (parseCosHost(host)) return cos(env.incoming);
      return isApiHost(host) ? api.fetch(request, env) : metadata.fetch(request);
    },
  };
  const admin = createAdmin({
    settings,
    store,
    reconciler,
    requestLog,
    faults,
    worldRoutes: world.routes,
  });

  const servers: Server[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(servers.map(stop));
    await reconciler.close();
    await requestLog.close();
    await store.close();
  };
  try {
    const apiServer = await listen(gateway, settings.api);
    tellUnreadable(apiServer, log);
    servers.push(apiServer);
    if (settings.admin.socketPath !== undefined) {
      // A socket left by a killed daemon would refuse the address.
      rmSync(settings.admin.socketPath, { force: true });
      servers.push(await listen(admin, { path: settings.admin.socketPath }));
      chmodSync(settings.admin.socketPath, 0o600);
    }
    if (settings.instances !== undefined) {
      const { socketPath } = settings.instances;
      rmSync(socketPath, { force: true });
      const insideServer = await listen(insideGateway, { path: socketPath });
      tellUnreadable(insideServer, log);
      servers.push(insideServer);
      chmodSync(socketPath, 0o600);
    }
    let adminPort: number | undefined;
    if (settings.admin.port !== undefined) {
      const { address, port } = settings.admin;
      const adminServer = await listen(admin, { address, port });
      servers.push(adminServer);
      adminPort = (adminServer.address() as AddressInfo).port;
    }
    reconciler.schedule();
    const apiPort = (apiServer.address() as AddressInfo).port;
    log(`cloud API on ${settings.api.address}:${apiPort}`);
    return { apiPort, adminPort, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Whether a name is one that instances reach the API by. */
const isApiHost = (host: string): boolean => /\.internal\.tencentcloudapi\.com(:80)?$/.test(host);

function forgetOldTokens(store: Store): void {
  store.transaction(() => {
    for (const table of [store.tables.tokens, store.tables.tasks, store.tables.loadBalancerTasks]) {
      for (const { id, createdAt } of table.list()) {
        if (Date.now() - Date.parse(createdAt) > tokenLifeMs) {
          table.remove(id);
        }
      }
    }
  });
}

function listen(
  app: Handler,
  where: { address: string; port: number } | { path: string },
): Promise<Server> {
  const server = createAdaptorServer({
    fetch: (request, env) => app.fetch(request, env as HttpBindings),
  }) as Server;
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    const listening = (): void => {
      server.removeListener("error", reject);
      resolve(server);
    };
    if ("path" in where) {
      server.listen(where.path, listening);
    } else {
      server.listen(where.port, where.address, listening);
    }
  });
}

/** Calls that cannot be read as HTTP reach no handler and no API log: they are told here, and answered as Node answers them. */
function tellUnreadable(server: Server, log: (line: string) => void): void {
  const status: Record<string, string> = {
    HPE_HEADER_OVERFLOW: "431 Request Header Fields Too Large",
    ERR_HTTP_REQUEST_TIMEOUT: "408 Request Timeout",
  };
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) => {
    const answer = status[error.code ?? ""] ?? "400 Bad Request";
    if (error.code !== "ECONNRESET") log(`unreadable call: ${error.message}; answered ${answer}`);
    if (socket.writable) socket.write(`HTTP/1.1 ${answer}\r\nConnection: close\r\n\r\n`);
    socket.destroy();
  });
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    // Kept-alive connections of clients would hold the server open for ever.
    (server as Partial<{ closeAllConnections(): void }>).closeAllConnections?.();
  });
}
