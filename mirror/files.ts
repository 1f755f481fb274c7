import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import send from "send";
import type { AccessLog } from "./accessLog";

/** What of a contents directory is for everyone. */
const served = ["artifacts", "apt"];

/** Read in large pieces: a host fetches a third of a gigabyte, and small ones would cost four times the processor. */
const pieceSize = 1 << 20;

/**
 * Answers GET and HEAD of files below `/artifacts` and `/apt` of a contents directory, with ranges and validators; everything else is
 * not found.
 * @param directory contents directory
 * @param log gets one entry a request, when it is over
 */
export function fileHandler(
  directory: string,
  log: AccessLog,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    logWhenOver(request, response, log);
    const path = (request.url ?? "/").replace(/[?#].*$/, "");
    const tree = served.find((name) => path.startsWith(`/${name}/`));
    if (tree === undefined) {
      refuse(response, 404, "not found");
      return;
    }
    if (request.method !== "GET" && request.method !== "HEAD") {
      refuse(response, 405, "only GET and HEAD");
      return;
    }
    // A root of its own for each tree: `..`, however it is written, must not lead from one into the rest of the contents.
    const root = join(directory, tree);
    // The options go on to fs.createReadStream, which is what reads in pieces.
    const options = { root, index: false, dotfiles: "deny", highWaterMark: pieceSize };
    send(request, path.slice(tree.length + 1), options as send.SendOptions)
      .on("error", (error: { status?: number }) => {
        refuse(response, error.status === 416 ? 416 : 404, "not found");
      })
      .on("directory", () => {
        refuse(response, 404, "not found");
      })
      .pipe(response);
  };
}

function refuse(response: ServerResponse, status: number, text: string): void {
  if (response.headersSent) response.destroy();
  else response.writeHead(status, { "content-type": "text/plain" }).end(`${text}\n`);
}

function logWhenOver(request: IncomingMessage, response: ServerResponse, log: AccessLog): void {
  const { socket } = request;
  // Asked for now: a connection that is closed no longer tells its peer.
  const client = socket.remoteAddress ?? "-";
  const before = socket.bytesWritten;
  response.once("close", () => {
    const length = Number(response.getHeader("content-length") ?? 0);
    log.write({
      client,
      time: new Date(),
      method: request.method ?? "-",
      path: request.url ?? "-",
      status: response.statusCode,
      // Never more than the body: what the connection carried counts headers too.
      bytes: request.method === "HEAD" ? 0 : Math.min(length, socket.bytesWritten - before),
      agent: request.headers["user-agent"] ?? "",
    });
  });
}
