import { mkdtempSync, rmSync } from "node:fs";
import { createServer, request, type Server } from "node:http";
import { createServer as createTcpServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { askerHeader } from "../../../../../lab/cloud/metadata";
import { relay } from "../../../../../lab/hosts/platform/relay";

const dir = mkdtempSync(join(tmpdir(), "relay-"));
const socketPath = join(dir, "daemon.sock");
let daemon: Server;
let relaying: Server;
let port: number;

beforeAll(async () => {
  daemon = createServer((incoming, answer) => {
    let body = "";
    incoming.on("data", (chunk: Buffer) => (body += chunk.toString()));
    incoming.on("end", () => {
      answer.setHeader("x-from", String(incoming.headers[askerHeader]));
      answer.end(`${incoming.method ?? ""} ${incoming.url ?? ""} ${body.length}`);
    });
  });
  await new Promise<void>((done) => daemon.listen(socketPath, done));
  port = await freePort();
  relaying = await relay("127.0.0.1", socketPath, port);
});
afterAll(() => {
  for (const server of [relaying, daemon]) {
    server.closeAllConnections();
    server.close();
  }
  rmSync(dir, { recursive: true });
});

function freePort(): Promise<number> {
  const server = createTcpServer();
  return new Promise((done) =>
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => done(port));
    }),
  );
}

/** What is answered to a body, on a connection that its sender closes. */
function ask(body: string): Promise<string> {
  return new Promise((done, failed) => {
    const headers = { connection: "close", "content-length": body.length };
    request({ port, method: "POST", path: "/x", headers, agent: false }, (answer) => {
      let text = `${answer.statusCode ?? 0} ${String(answer.headers["x-from"])}: `;
      answer.on("data", (chunk: Buffer) => (text += chunk.toString()));
      answer.on("end", () => done(text));
    })
      .on("error", failed)
      .end(body);
  });
}

test.each([0, 2, 50_000])(
  "a hundred bodies of %d bytes are answered, each as the daemon has it",
  async (length) => {
    for (let round = 0; round < 10; round++) {
      const answers = await Promise.all(Array.from({ length: 10 }, () => ask("x".repeat(length))));
      expect(new Set(answers)).toEqual(new Set([`200 127.0.0.1: POST /x ${length}`]));
    }
  },
);

test("a daemon that was started anew is reached", async () => {
  await ask("before");
  daemon.closeAllConnections();
  await new Promise((done) => daemon.close(done));
  await new Promise<void>((done) => daemon.listen(socketPath, done));
  expect(await ask("after")).toBe("200 127.0.0.1: POST /x 5");
});
