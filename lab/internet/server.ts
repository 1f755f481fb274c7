import { once } from "node:events";
import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { type IncomingMessage, request, type ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { CertificateAndKey } from "../../components/pki/authority";
import { type Answer, answerTo } from "./names";

export interface InternetOptions {
  /** Directory of the mirror's contents. */
  contents: string;
  /** Directory of the archives that are made of them (archives.ts). */
  releases: string;
  /** The mirror's registry, `http://169.254.0.3:5000`. */
  registry: string;
  /** Of a server that goes by all public names. */
  certificate: CertificateAndKey;
  address: string;
  /** @default 443 */
  port?: number;
  /** Told one line a request. */
  log?: (line: string) => void;
}

/**
 * Serves what hosts of a lab have from the internet, over HTTPS and under its public names, from the mirror's contents. Ready for requests when it
 * returns.
 *
 * @throws Error when the address or the port cannot be had.
 */
export async function startInternet(options: InternetOptions): Promise<Server> {
  const { certificate, address, port = 443, log } = options;
  const server = createServer({ cert: certificate.crt, key: certificate.key }, (asked, answer) => {
    const host = (asked.headers.host ?? "").replace(/:\d+$/, "");
    answer.once("close", () =>
      log?.(
        `${asked.socket.remoteAddress ?? "-"} ${asked.method} ${host}${asked.url} ${answer.statusCode}`,
      ),
    );
    const path = (asked.url ?? "/").replace(/[?#].*$/, "");
    const readable = asked.method === "GET" || asked.method === "HEAD";
    const found = readable ? answerTo(host, path) : undefined;
    void respond(options, found, asked, answer).catch(() => answer.destroy());
  });
  server.listen(port, address);
  await once(server, "listening");
  return server;
}

async function respond(
  { contents, releases, registry }: InternetOptions,
  found: Answer | undefined,
  asked: IncomingMessage,
  answer: ServerResponse,
): Promise<void> {
  if (found === undefined) refuse(answer);
  else if ("redirect" in found) answer.writeHead(302, { location: found.redirect }).end();
  else if ("registry" in found) passOn(`${registry}${found.registry}`, asked, answer);
  else if ("sumOf" in found) {
    const line = await readFile(join(contents, "artifacts", `${found.sumOf}.sha256`), "utf8").catch(
      () => undefined,
    );
    if (line === undefined) refuse(answer);
    else answer.end(line.split(" ")[0]);
  } else {
    const file =
      "artifact" in found
        ? join(contents, "artifacts", found.artifact)
        : join(releases, found.release);
    await send(file, asked, answer);
  }
}

async function send(file: string, asked: IncomingMessage, answer: ServerResponse): Promise<void> {
  const found = await stat(file).catch(() => undefined);
  if (found === undefined) {
    refuse(answer);
    return;
  }
  answer.writeHead(200, { "content-length": found.size });
  if (asked.method === "HEAD") answer.end();
  // In large pieces: a host fetches a quarter of a gigabyte.
  else await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), answer);
}

/** Has the mirror's registry answer. */
function passOn(url: string, asked: IncomingMessage, answer: ServerResponse): void {
  const headers = { accept: asked.headers.accept ?? "*/*" };
  const range = asked.headers.range === undefined ? {} : { range: asked.headers.range };
  request(
    url,
    { method: asked.method, headers: { ...headers, ...range }, agent: false },
    (theirs) => {
      answer.writeHead(theirs.statusCode ?? 502, theirs.headers);
      pipeline(theirs, answer).catch(() => answer.destroy());
    },
  )
    .on("error", () => (answer.headersSent ? answer.destroy() : answer.writeHead(502).end()))
    .end();
}

function refuse(answer: ServerResponse): void {
  answer.writeHead(404, { "content-type": "text/plain" }).end("not found\n");
}
