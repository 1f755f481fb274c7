import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import { join } from "node:path";
import { scripts, temporaryDirectory } from "./support/host";

jest.setTimeout(60_000);

/** Members live on loopback addresses, which need no set-up; the port is etcd's own. */
const addresses = { a: "127.66.0.1", b: "127.66.0.2", c: "127.66.0.3" } as const;
type Name = keyof typeof addresses;
const members = Object.entries(addresses).map(([name, ip]) => `${name}=https://${ip}:2380`);

let root: string;
beforeAll(() => {
  root = temporaryDirectory();
  const openssl = (...args: string[]) =>
    execFileSync("openssl", args, { cwd: root, stdio: "pipe" });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1"];
  openssl("req", "-x509", ...key, "-subj", "/CN=etcd-ca", "-keyout", "ca.key", "-out", "ca.crt");
  for (const [name, ip] of Object.entries(addresses)) {
    mkdirSync(join(root, name));
    execFileSync("cp", [join(root, "ca.crt"), join(root, name)]);
    const signed = ["-CA", "ca.crt", "-CAkey", "ca.key", "-addext", `subjectAltName=IP:${ip}`];
    const out = ["-keyout", `${name}/peer.key`, "-out", `${name}/peer.crt`];
    openssl("req", "-x509", ...key, "-subj", `/CN=${name}`, ...signed, ...out);
  }
});

/** What a blank member finds that it has to do. */
function agree(
  name: Name,
  seconds = 20,
): Promise<{ code: number | null; said: string; error: string }> {
  const child = spawn("python3", [
    join(scripts, "etcd-agree.py"),
    join(root, name),
    String(seconds),
    name,
    addresses[name],
    ...members,
  ]);
  let said = "";
  let error = "";
  child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (error += chunk.toString()));
  return new Promise((resolve) =>
    child.on("close", (code) => resolve({ code, said: said.trim(), error: error.trim() })),
  );
}

const servers: Server[] = [];
afterEach(() => servers.splice(0).forEach((server) => server.close()));

/** An etcd that has begun, as its peers see it. */
function etcd(name: Name, list: object[]): Promise<void> {
  const file = (path: string) => readFileSync(join(root, name, path));
  const server = createServer(
    {
      key: file("peer.key"),
      cert: file("peer.crt"),
      ca: file("ca.crt"),
      requestCert: true,
      rejectUnauthorized: true,
    },
    (request, response) => {
      response.statusCode = request.url === "/members" ? 200 : 404;
      response.setHeader("Connection", "close");
      response.end(request.url === "/members" ? JSON.stringify(list) : "");
    },
  );
  servers.push(server);
  return new Promise((resolve) => server.listen(2380, addresses[name], () => resolve()));
}
const entry = (name: Name, rest: object) => ({
  id: 51966,
  peerURLs: [`https://${addresses[name]}:2380`],
  ...rest,
});
const b = entry("b", { name: "b", clientURLs: ["https://127.66.0.2:2379"] });

test("members that are all blank begin together", async () => {
  const answers = await Promise.all([agree("a"), agree("b"), agree("c")]);
  expect(answers.map(({ said, error }) => said + error)).toEqual(["new", "new", "new"]);
});

test.each([
  ["new", "begun with this member, which has never started", entry("a", { name: "a" })],
  ["join", "has a place for it", entry("a", {})],
  [
    "replace cafe",
    "knows it with data",
    entry("a", { name: "a", clientURLs: ["https://127.66.0.1:2379"] }),
  ],
])("%s: an etcd that runs %s", async (expected, _, own) => {
  await etcd("b", [b, own]);
  expect(await agree("a")).toMatchObject({ code: 0, said: expected });
});

test("add: an etcd that has never heard of it", async () => {
  await etcd("b", [b]);
  expect(await agree("a")).toMatchObject({ code: 0, said: "add" });
});

test("a member that cannot be reached may hold the data: two blank ones begin nothing", async () => {
  const answers = await Promise.all([agree("a", 3), agree("b", 3)]);
  for (const { code, said, error } of answers) {
    expect({ code, said }).toEqual({ code: 1, said: "" });
    expect(error).toMatch(/did not agree after 3 s.*'c': 'unknown .*refused/);
  }
});
