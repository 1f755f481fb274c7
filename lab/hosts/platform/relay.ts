import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import { askerHeader } from "../../cloud/metadata";

/**
 * Leads HTTP requests of instances to the daemon, with the address that each came from.
 * @throws Error when the port is taken.
 */
export function relay(address: string, socketPath: string): Promise<void> {
  const server = createServer((incoming, answer) => pass(incoming, answer, socketPath));
  return new Promise((resolve, reject) => {
    server.once("error", reject).listen(80, address, resolve);
  });
}

function pass(incoming: IncomingMessage, answer: ServerResponse, socketPath: string): void {
  const { method, url: path, socket } = incoming;
  const headers = { ...incoming.headers, [askerHeader]: socket.remoteAddress };
  const onward = request({ socketPath, method, path, headers, agent: false }, (response) => {
    answer.writeHead(response.statusCode ?? 502, response.headers);
    response.pipe(answer);
  });
  onward.on("error", (error) => {
    if (!answer.headersSent) answer.writeHead(503);
    answer.end(`${error.message}\n`);
  });
  incoming.pipe(onward);
}
