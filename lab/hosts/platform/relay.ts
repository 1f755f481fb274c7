import {
  Agent,
  createServer,
  request,
  type Server,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import { askerHeader } from "../../cloud/metadata";

/** Where requests go on to. */
interface Onward {
  socketPath: string;
  agent: Agent;
}

/**
 * Leads HTTP requests of instances to the daemon, with the address that each came from.
 * @throws Error when the port is taken.
 */
export function relay(address: string, socketPath: string, port = 80): Promise<Server> {
  // Connections are kept: Node.js ends a body with a write of nothing, which fails when the daemon has answered and hung up by then.
  const onward = { socketPath, agent: new Agent({ keepAlive: true }) };
  const server = createServer((incoming, answer) => pass(incoming, answer, onward));
  return new Promise((resolve, reject) => {
    server.once("error", reject).listen(port, address, () => resolve(server));
  });
}

function pass(incoming: IncomingMessage, answer: ServerResponse, to: Onward): void {
  const { method, url: path, socket } = incoming;
  const headers = { ...endToEnd(incoming.headers), [askerHeader]: socket.remoteAddress };
  const onward = request({ ...to, method, path, headers }, (response) => {
    answer.writeHead(response.statusCode ?? 502, endToEnd(response.headers));
    response.pipe(answer);
  });
  onward.on("error", (error) => {
    if (!answer.headersSent) answer.writeHead(503);
    answer.end(`${error.message}\n`);
  });
  incoming.pipe(onward);
}

/** Without what is between the two ends of one connection. */
function endToEnd(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => name !== "connection" && name !== "keep-alive"),
  );
}
