import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import type { ServerResponse } from "node:http";
import { join, resolve } from "node:path";
import { waitFor } from "../../lab/wait";
import { parseRecords, type Records } from "../../drills/records";
import { temporaryDirectory } from "./support/host";

const name = "api.test";
const path = "/api/v1/namespaces/drill/configmaps/pulse";

/** An API of one object, which may be told to behave badly. */
class Api {
  private readonly watches = new Set<ServerResponse>();
  private readonly server: Server;
  /** Requests, as `GET /path`. */
  readonly asked = new Set<string>();
  silent = false;

  constructor(
    readonly certificate: string,
    key: string,
  ) {
    this.server = createServer({ cert: certificate, key }, (request, response) => {
      this.asked.add(
        `${request.method ?? ""} ${request.url ?? ""} ${request.headers.authorization ?? ""}`,
      );
      if (this.silent) return;
      if (request.url?.includes("watch=1")) {
        response.write('{"type":"ADDED"}\n');
        this.watches.add(response);
        return;
      }
      if (request.method === "PATCH") this.tell('{"type":"MODIFIED"}\n');
      response.end("{}");
    });
  }

  tell(line: string): void {
    for (const each of this.watches) each.write(line);
  }

  endWatches(): void {
    for (const each of this.watches) each.end();
    this.watches.clear();
  }

  cutWatches(): void {
    for (const each of this.watches) each.destroy();
    this.watches.clear();
  }

  async listen(port = 0): Promise<number> {
    await new Promise<void>((listening) => this.server.listen(port, "127.0.0.1", listening));
    return (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((closed) => this.server.close(closed));
  }
}

const directory = temporaryDirectory();
let api: Api;
let prober: ChildProcess;
let port: number;

const records = (): Records => {
  const log = join(directory, "log");
  return parseRecords(existsSync(log) ? readFileSync(log, "utf8") : "");
};

/** Those that were not served too late: a machine that is busy elsewhere may take longer than the limit, which is no fault of the prober's. */
const inTime = <T extends { error: string }>(attempts: readonly T[]): T[] =>
  attempts.filter(({ error }) => !error.endsWith(": timeout"));

/** Waits until the prober has written down what is looked for. */
const writes = (what: string, look: (records: Records) => boolean): Promise<true> =>
  waitFor({ what, deadlineSeconds: 60, everyMs: 50 }, (seen) => {
    const now = records();
    seen(JSON.stringify([now.tries.slice(-2), now.pulses.slice(-2), now.watches.slice(-6)]));
    return Promise.resolve(look(now) || undefined);
  });

const told = ({ watches }: Records): string[] =>
  watches.map((each) => (each.what === "cut" ? `cut: ${each.how}` : each.what));

beforeAll(async () => {
  const [key, certificate] = [join(directory, "key"), join(directory, "ca")];
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  const names = ["-subj", `/CN=${name}`, "-addext", `subjectAltName=DNS:${name}`];
  execFileSync(
    "openssl",
    ["req", "-x509", ...curve, ...names, "-keyout", key, "-out", certificate],
    { stdio: "ignore" },
  );
  api = new Api(readFileSync(certificate, "utf8"), readFileSync(key, "utf8"));
  port = await api.listen();
  const target = {
    ...{ name, port, path, resolve: "127.0.0.1", ca: api.certificate, token: "secret" },
    ...{ everyMs: 50, limitMs: 1000, watches: 2, pulseMs: 200 },
  };
  writeFileSync(join(directory, "target.json"), JSON.stringify(target));
  prober = spawn("python3", [resolve("drills/prober.py"), directory], { stdio: "inherit" });
});

afterAll(async () => {
  prober.kill();
  await api.close();
});

test("begins connections with TLS of their own, holds watches, writes what they are told of", async () => {
  await writes(
    "served tries, writes and open watches",
    (now) =>
      inTime(now.tries).length > 20 && inTime(now.pulses).length > 5 && told(now).length >= 2,
  );
  const { tries, pulses, watches } = records();
  const der = new X509Certificate(api.certificate).raw;
  const who = createHash("sha256").update(der).digest("hex").slice(0, 8);
  for (const each of inTime(tries)) expect(each).toMatchObject({ error: "", who });
  for (const each of inTime(pulses)) expect(each).toMatchObject({ error: "" });
  expect(new Set(watches.map(({ watch }) => watch))).toEqual(new Set([0, 1]));
  // What is asked for comes from an apiserver's memory.
  const asked = [
    "GET /api/v1/namespaces/drill/configmaps?watch=1&timeoutSeconds=3600&fieldSelector=metadata.name%3Dpulse Bearer secret",
    `GET ${path}?resourceVersion=0 Bearer secret`,
    `PATCH ${path} Bearer secret`,
  ];
  expect(api.asked).toEqual(new Set(asked));
});

test("tells how a watch ended, and begins it again", async () => {
  const opened = (now: Records): number => told(now).filter((each) => each === "open").length;
  const ending = async (how: string, end: () => void): Promise<void> => {
    const before = opened(records());
    end();
    await writes(
      `two watches that ended by ${how}, and are open again`,
      (now) =>
        told(now).filter((each) => each === `cut: ${how}`).length === 2 &&
        opened(now) === before + 2,
    );
  };
  await ending("ended", () => api.endWatches());
  await ending("eof", () => api.cutWatches());
  await ending("error", () => api.tell('{"type":"ERROR"}\n'));
});

test("a start that is due waits for none that hangs; what hangs ends at its limit", async () => {
  api.silent = true;
  await writes("answers that time out", ({ tries }) =>
    tries.slice(-5).every(({ error }) => error === "answer: timeout"),
  );
  api.silent = false;
  await writes("served tries", ({ tries }) => tries.slice(-5).every(({ error }) => error === ""));
  const hung = records().tries.filter(({ error }) => error !== "");
  expect(hung.length).toBeGreaterThanOrEqual(5);
  // Overlapping: the next began before the one before it had ended.
  expect(hung.some(({ start }, index) => start < (hung[index - 1]?.end ?? 0))).toBe(true);
});

test("refused connections and silence are told; watches come back by themselves", async () => {
  await api.close();
  await writes(
    "refused tries, writes and watches",
    (now) =>
      now.tries.at(-1)?.error === "connect: refused" &&
      now.pulses.at(-1)?.error === "connect: refused" &&
      now.watches.some((each) => each.what === "refused" && each.error === "connect: refused"),
  );
  await new Promise((later) => setTimeout(later, 600));
  await api.listen(port);
  await writes(
    "two silences of more than half a second, each ended by an open watch",
    ({ watches, tries }) =>
      watches.filter((each) => each.what === "silence" && each.to - each.from > 0.5).length >= 2 &&
      tries.at(-1)?.error === "",
  );
});

test("ends when it is told to", async () => {
  const ended = new Promise((end) => prober.on("exit", end));
  writeFileSync(join(directory, "stop"), "");
  expect(await ended).toBe(0);
});
