import { createServer as createHttpServer, type Server as HttpServer } from "node:http";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import type { HealthCheckSpec } from "../../../../../lab/hosts/loadBalancer";
import { probe } from "../../../../../lab/hosts/platform/probe";

const source = "127.0.0.1";
const servers: Server[] = [];
const seen: string[] = [];

/** @returns its port. */
async function listen(server: Server | HttpServer): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, source, resolve));
  return (server.address() as AddressInfo).port;
}
const answering = (status: number): Promise<number> =>
  listen(
    createHttpServer((req, res) => {
      seen.push(`${req.method ?? ""} ${req.headers.host ?? ""} ${req.url ?? ""}`);
      res.writeHead(status).end();
    }),
  );
/** A probe ends with RST. */
const serving = (serve: (socket: Socket) => void): Promise<number> =>
  listen(createServer((socket) => serve(socket.on("error", () => undefined))));
const echoing = (): Promise<number> => serving((socket) => socket.pipe(socket));
const silent = (): Promise<number> => serving(() => undefined);

const check = (more: Partial<HealthCheckSpec>): HealthCheckSpec => ({
  kind: "TCP",
  timeout: 5,
  interval: 10,
  healthyAfter: 3,
  unhealthyAfter: 3,
  source: "range",
  ...more,
});
const http = (codes: number): HealthCheckSpec =>
  check({
    kind: "HTTP",
    http: { domain: "api.k8s.test", path: "/readyz", method: "GET", version: "HTTP/1.1", codes },
  });
const probed = (spec: HealthCheckSpec, port: number): Promise<boolean> =>
  probe(spec, { source, address: source, port });

afterAll(() => {
  for (const server of servers) {
    server.close();
    (server as Partial<HttpServer>).closeAllConnections?.();
  }
});

describe("a probe", () => {
  it("of TCP is content with a connection", async () => {
    const port = await silent();
    expect(await probed(check({}), port)).toBe(true);
    servers.pop()?.close();
    expect(await probed(check({}), port)).toBe(false);
  });

  it.each([
    [200, 2, true],
    [204, 2, true],
    [302, 2, false],
    [302, 6, true],
    [503, 15, false],
    [503, 31, true],
  ])("of HTTP takes %i with codes %i for %s", async (status, codes, well) => {
    expect(await probed(http(codes), await answering(status))).toBe(well);
    expect(seen.at(-1)).toBe("GET api.k8s.test /readyz");
  });

  it("fails when its time is over", async () => {
    expect(await probed({ ...http(31), timeout: 0.1 }, await silent())).toBe(false);
  });

  it.each([
    ["hex", "50494e47", "5049", true],
    ["latin1", "PING", "PONG", false],
  ] as const)(
    "of own content in %s compares how the answer begins",
    async (encoding, send, receive, well) => {
      const custom = { encoding, send, receive };
      expect(await probed(check({ kind: "CUSTOM", custom }), await echoing())).toBe(well);
    },
  );
});
