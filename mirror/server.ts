import { createServer, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { AccessLog } from "./accessLog";
import { fileHandler } from "./files";
import { openContents } from "./manifest";
import { startRegistry } from "./registry";
import { registryStorage } from "./registryStorage";

export interface MirrorOptions {
  /** Directory made by the assembly. */
  contents: string;
  /** Address to listen on; it must be one of the network namespace the process runs in. */
  address: string;
  /** Port of `/artifacts` and `/apt`, default 80; 0 for any free one. */
  httpPort?: number;
  /** Port of the image registry, default 5000; 0 for any free one. */
  registryPort?: number;
  /** File that gets one line a request, of both ports; default none. */
  log?: string;
  /**
   * Directory of this mirror's own copy of the registry, which pushes may change; made at the first start. Default: pushes are
   * refused, because the contents are shared.
   */
  registryData?: string;
}

export interface Mirror {
  /** `http://<address>:<port>`; artifacts below `/artifacts`, packages below `/apt`. */
  url: string;
  /** `<address>:<port>` of the registry. */
  registry: string;
  /** Settles when the registry ended without having been asked to, with how it ended. */
  failed: Promise<string>;
  /** Stops both servers and waits until they are gone. */
  close(): Promise<void>;
}

/**
 * Serves a contents directory until it is closed. Ready for requests on both ports when it returns.
 * @throws Error naming the contents' fault, or the address and port that cannot be had
 */
export async function startMirror(options: MirrorOptions): Promise<Mirror> {
  const contents = await openContents(options.contents);
  const log = new AccessLog(options.log);
  const server = createServer(fileHandler(contents.directory, log));
  await listen(server, options.address, options.httpPort ?? 80);
  const closeHttp = async (): Promise<void> => {
    server.close();
    server.closeAllConnections();
    await once(server, "close");
    await log.close();
  };
  try {
    const registry = await startRegistry({
      program: join(contents.directory, "bin/docker-registry"),
      storage: await registryStorage(contents.directory, options.registryData),
      address: options.address,
      port: options.registryPort ?? 5000,
      writable: options.registryData !== undefined,
      accessLog: options.log,
    });
    let closing = false;
    const { port } = server.address() as AddressInfo;
    return {
      url: `http://${options.address}:${port}`,
      registry: registry.endpoint,
      failed: new Promise((resolve) => {
        void registry.ended.then((how) => {
          if (!closing) resolve(how);
        });
      }),
      close: async () => {
        closing = true;
        await Promise.all([registry.close(), closeHttp()]);
      },
    };
  } catch (error) {
    await closeHttp();
    throw error;
  }
}

async function listen(server: Server, address: string, port: number): Promise<void> {
  server.listen(port, address);
  try {
    await once(server, "listening");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const hint =
      code === "EADDRNOTAVAIL"
        ? "this machine, or network namespace, does not have that address"
        : code === "EADDRINUSE"
          ? "another process listens there; stop it or choose another port"
          : "see the error code";
    throw new Error(`mirror: cannot listen on ${address}:${port} (${code}): ${hint}`, {
      cause: error,
    });
  }
}
