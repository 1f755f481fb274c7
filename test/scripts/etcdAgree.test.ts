import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout } from "node:timers/promises";
import { connect, type TLSSocket } from "node:tls";
import { scripts, temporaryDirectory } from "./support/host";

/** Members live on loopback addresses of this process, which need no set-up; the port is etcd's own. */
const address = (host: number) =>
  `127.${66 + (process.pid % 64)}.${(process.pid >> 6) % 256}.${host}`;
const addresses = { a: address(1), b: address(2), c: address(3) } as const;
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
  identity = "",
): Promise<{ code: number | null; said: string; error: string }> {
  const child = spawn("python3", [
    join(scripts, "etcd-agree.py"),
    join(root, name),
    String(seconds),
    name,
    addresses[name],
    identity,
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
const b = entry("b", { name: "b", clientURLs: [`https://${addresses.b}:2379`] });

test("members that are all blank begin together", async () => {
  const answers = await Promise.all([agree("a"), agree("b"), agree("c")]);
  expect(answers.map(({ said, error }) => said + error)).toEqual(["new", "new", "new"]);
});

test.each([
  ["new", "begun with this member, which has never started", entry("a", { name: "a" })],
  ["replace cafe", "has a place for it that nobody has told of", entry("a", {})],
  [
    "replace cafe",
    "knows it with data",
    entry("a", { name: "a", clientURLs: [`https://${addresses.a}:2379`] }),
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

/** A connection of b's to a, once that listens; nothing is asked yet. */
async function connected(): Promise<TLSSocket> {
  const file = (path: string) => readFileSync(join(root, "b", path));
  const own = { key: file("peer.key"), cert: file("peer.crt"), ca: file("ca.crt") };
  for (;;) {
    const channel = connect({ host: addresses.a, port: 2380, ...own });
    try {
      await once(channel, "secureConnect");
      return channel;
    } catch {
      await setTimeout(50);
    }
  }
}

test("who has decided still answers whoever is at asking, and ends well", async () => {
  const decided = agree("a");
  const asking = await connected();
  await etcd("c", [b]);
  // Long enough for a to ask c, and to decide.
  await setTimeout(700);
  asking.write("GET /kubernetes-ha/blank HTTP/1.0\r\n\r\n");
  const answer = await text(asking);
  expect(answer).toMatch(/^HTTP\/1.0 200/);
  expect(await decided).toMatchObject({ code: 0, said: "add", error: "" });
});

describe("a member that was one, and is blank", () => {
  const was = "member cafe of cluster c1";

  test("begins nothing, and neither do its peers, new as they are", async () => {
    const answers = await Promise.all([agree("a", 20, was), agree("b"), agree("c")]);
    expect(answers.map(({ code, said }) => ({ code, said }))).toEqual(
      answers.map(() => ({ code: 1, said: "" })),
    );
    expect(answers[0].error).toContain(
      `a has no data of etcd; a was ${was}; and no member is left`,
    );
    for (const { error } of answers.slice(1))
      expect(error).toMatch(/a of its peers have lost theirs.*docs\/runbooks\/etcd-data-lost\.md/);
  });

  test("takes its place where etcd runs, whoever else has lost data", async () => {
    await etcd("c", [b, entry("a", { name: "a", clientURLs: [`https://${addresses.a}:2379`] })]);
    const [a] = await Promise.all([agree("a", 20, was), agree("b", 20, was)]);
    expect(a).toMatchObject({ code: 0, said: "replace cafe" });
  });

  test("is no part of a cluster that has begun without it", async () => {
    await etcd("b", [b, entry("a", { name: "a" })]);
    expect(await agree("a", 20, was)).toMatchObject({ code: 1, said: "" });
  });
});
