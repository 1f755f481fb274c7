import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { request } from "node:https";
import { type AddressInfo, connect, createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deriveServer, derivingSigner } from "../../components/pki/derivedClient";
import { type CertificateAndKey, makeAuthority } from "../../components/pki/authority";
import type { ExtraFrontend } from "../../components/plan/entry";
import { paths, renderHaproxy, renderLocalEndpoint } from "../../components/render";
import { ensureContentsPackages } from "../../mirror/contents";
import { must, run } from "../../lab/process";
import { waitFor } from "../../lab/wait";
import { first, planHaving } from "../unit/plan/fixture";

const names = ["harbor.test.internal"];
let dir: string;
let haproxy: string;
let authority: CertificateAndKey;
/** Everything that is started here. */
const processes: ChildProcess[] = [];
const servers: { close(): unknown }[] = [];

/** HAProxy as hosts have it: that of the mirror's packages, unpacked. */
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "haproxy-test-"));
  const { directory } = await ensureContentsPackages({});
  const wanted = /^(haproxy|liblua5\.3-0|libopentracing.*|libpcre2-8-0|libssl3)_/;
  for (const deb of readdirSync(directory).filter((file) => wanted.test(file)))
    await must(["dpkg", "-x", join(directory, deb), join(dir, "root")]);
  haproxy = join(dir, "root/usr/sbin/haproxy");
  authority = await makeAuthority("kubernetes", 3650);
  const signer = await derivingSigner(authority);
  const seed = Buffer.alloc(32, 7).toString("base64");
  const { crt, key } = await deriveServer(signer, names, { seed, purpose: "haproxy" });
  writeFileSync(join(dir, "ca.crt"), authority.crt);
  writeFileSync(join(dir, "frontends.pem"), `${crt}${key}`, { mode: 0o600 });
}, 600_000);

afterAll(async () => {
  for (const child of processes) {
    child.kill("SIGKILL");
    await once(child, "exit");
  }
  for (const server of servers) server.close();
  rmSync(dir, { recursive: true, force: true });
});

const env = () => ({ LD_LIBRARY_PATH: join(dir, "root/usr/lib/x86_64-linux-gnu") });

/** A configuration as a file of this machine: on loopback, with its files in a directory of the test, as the user that runs it. */
function written(configuration: string): string {
  const file = join(dir, `${processes.length}.cfg`);
  const own = configuration
    .replaceAll(/^ {4}(user|group) haproxy\n/gm, "")
    .replaceAll(/^( {4}bind) (?:10\.\S+?)?:/gm, "$1 127.0.0.1:")
    .replaceAll(paths.haproxyCa, join(dir, "ca.crt"))
    .replaceAll(paths.haproxyFrontends, join(dir, "frontends.pem"))
    .replaceAll("/run/haproxy", dir);
  writeFileSync(file, own);
  return file;
}

async function listen(server: { listen(port: number, host: string): unknown } & Server) {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  servers.push(server);
  return (server.address() as AddressInfo).port;
}

/** A port that nobody has. */
async function freePort(): Promise<number> {
  const server = createTcpServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

const frontend = (more: Partial<ExtraFrontend> & Pick<ExtraFrontend, "port" | "servers">) => ({
  ...{ name: "harbor", mode: "tcp" as const, hostname: names[0], address: "127.0.0.1" },
  ...{ clients: [], allowedCidrs: [], workerPort: undefined, check: undefined },
  ...more,
});
const at = (port: number) => ({ name: `on-${port}`, address: "127.0.0.1", port });

describe("HAProxy itself takes what it is given", () => {
  const plan = planHaving({ entry: { kind: "vip", on: "masters" } });
  const clb = planHaving({ entry: { kind: "clb" } });
  const site = { apiName: "api.test.internal", port: 6443, masters: [at(6443), at(6444)] };
  const extraFrontends = [
    frontend({
      mode: "https",
      port: 443,
      servers: [at(80)],
      check: { path: "/health", tls: false },
    }),
    frontend({
      name: "registry",
      port: 5000,
      servers: [at(1)],
      check: { path: "/v2/", tls: true },
    }),
    frontend({ name: "web", mode: "http", port: 80, servers: [at(1), at(2)] }),
  ];
  if (plan.entry.kind !== "vip" || clb.entry.kind !== "clb") throw new Error("other kinds");
  const local = renderLocalEndpoint(clb.entry, first(clb.masters));

  test.each([
    ["a balancer", renderHaproxy(plan.entry)],
    [
      "a balancer behind directors, which fronts other services",
      renderHaproxy({ ...site, healthPort: 8404, extraFrontends }),
    ],
    ["a node", renderHaproxy({ ...site, address: "127.0.0.1", own: "on-6443" })],
    ["a master behind a CLB", local],
  ])("of %s", async (_, configuration) => {
    const args = [haproxy, "-c", "-f", written(configuration)];
    const { code, stdout, stderr } = await run(args, { env: env() });
    expect(`${stdout}${stderr}`).toContain("Configuration file is valid");
    expect(`${stdout}${stderr}`).not.toMatch(/WARNING|ALERT/);
    expect(code).toBe(0);
  });
});

describe("what is fronted beside the API", () => {
  const healthy = new Map<number, boolean>();
  let ports: { https: number; tcp: number };
  let backends: number[];

  /** Says who it is and what it was told, while its health is good. */
  const backend = (): Server => {
    const server = createServer((asked, answer) => {
      const { port } = server.address() as AddressInfo;
      answer.statusCode = asked.url === "/health" && healthy.get(port) === false ? 503 : 200;
      answer.end(JSON.stringify({ port, headers: asked.headers }));
    });
    return server;
  };

  beforeAll(async () => {
    backends = [await listen(backend()), await listen(backend())];
    const echo = createTcpServer((socket) => socket.pipe(socket));
    const echoed = await listen(echo as unknown as Server);
    ports = { https: await freePort(), tcp: await freePort() };
    const configuration = renderHaproxy({
      ...{ apiName: "api.test.internal", port: await freePort(), masters: [at(1)] },
      extraFrontends: [
        frontend({
          ...{ mode: "https", port: ports.https, servers: backends.map(at) },
          check: { path: "/health", tls: false },
        }),
        frontend({ name: "echo", port: ports.tcp, servers: [at(echoed)] }),
      ],
    });
    const child = spawn(haproxy, ["-db", "-f", written(configuration)], {
      env: { ...process.env, ...env() },
      stdio: "ignore",
    });
    processes.push(child);
    await waitFor({ what: "HAProxy to answer", deadlineSeconds: 30, everyMs: 50 }, async () => {
      const { status } = await ask();
      return status === 200 ? true : undefined;
    });
  }, 60_000);

  interface Answer {
    status: number | undefined;
    said: { port?: number; headers?: Record<string, string> };
  }

  /** Asks over TLS, by the name, trusting the cluster's CA and no other. */
  const ask = (hostname = names[0]): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const options = { host: "127.0.0.1", port: ports.https, servername: hostname };
      const asked = request({ ...options, ca: authority.crt, agent: false }, (response) => {
        let text = "";
        response.on("data", (chunk: Buffer) => (text += chunk.toString()));
        response.on("end", () =>
          resolve({
            status: response.statusCode,
            said: response.statusCode === 200 ? (JSON.parse(text) as Answer["said"]) : {},
          }),
        );
      });
      asked.on("error", reject).end();
    });
  const answering = async (count = 6): Promise<number[]> => {
    const found = new Set<number>();
    for (let n = 0; n < count; n++) {
      const { said } = await ask();
      if (said.port !== undefined) found.add(said.port);
    }
    return [...found].sort((a, b) => a - b);
  };
  const until = (wanted: number[]) =>
    waitFor({ what: `only ${wanted.join()} to answer`, deadlineSeconds: 30 }, async (seen) => {
      const found = await answering();
      seen(found.join());
      return found.join() === wanted.join() ? true : undefined;
    });

  test("TLS ends by a certificate of the cluster's CA for its name alone; servers are told who asked and how", async () => {
    const { said } = await ask();
    expect(said.headers).toMatchObject({
      "x-forwarded-for": "127.0.0.1",
      "x-forwarded-proto": "https",
    });
    await expect(ask("api.test.internal")).rejects.toThrow(/does not match certificate/);
  });

  test("both servers answer; one whose check fails gets nothing more, and is back when it is well", async () => {
    const [one, other] = backends as [number, number];
    const both = [one, other].sort((a, b) => a - b);
    await until(both);
    healthy.set(one, false);
    await until([other]);
    healthy.set(one, true);
    await until(both);
  });

  test("with no server left clients are told so", async () => {
    for (const port of backends) healthy.set(port, false);
    await waitFor({ what: "503", deadlineSeconds: 30 }, async (seen) => {
      const { status } = await ask();
      seen(String(status));
      return status === 503 ? true : undefined;
    });
    for (const port of backends) healthy.set(port, true);
  });

  test("layer 4 passes on what it is given", async () => {
    const socket = connect(ports.tcp, "127.0.0.1");
    socket.write("as it is\n");
    const [heard] = (await once(socket, "data")) as [Buffer];
    socket.destroy();
    expect(heard.toString()).toBe("as it is\n");
  });
});
