import { request } from "node:http";
import { connect } from "node:net";
import type { HealthCheckSpec } from "../loadBalancer";

/** Where a probe goes, and the address it comes from. */
export interface ProbePath {
  source: string;
  address: string;
  port: number;
}

/** One probe of a target. Never throws, and is over after the check's timeout. @returns whether the target answers as it should. */
export function probe(check: HealthCheckSpec, path: ProbePath): Promise<boolean> {
  switch (check.kind) {
    case "TCP":
      return exchange(check, path);
    case "CUSTOM":
      return exchange(check, path, check.custom);
    case "HTTP":
      return http(check, path);
  }
}

/** Connects; with `content`, sends it and waits for the answer's beginning. */
function exchange(
  { timeout }: HealthCheckSpec,
  { source, address, port }: ProbePath,
  content?: HealthCheckSpec["custom"],
): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, localAddress: source });
    const end = (well: boolean): void => {
      clearTimeout(timer);
      // With RST: no connection lingers at the target.
      if (socket.connecting) socket.destroy();
      else socket.resetAndDestroy();
      resolve(well);
    };
    const timer = setTimeout(() => end(false), timeout * 1000);
    let answer = Buffer.alloc(0);
    socket.on("error", () => end(false));
    socket.on("end", () => end(false));
    socket.on("connect", () => {
      if (!content) end(true);
      else socket.write(Buffer.from(content.send, content.encoding));
    });
    socket.on("data", (chunk) => {
      if (!content) return;
      const wanted = Buffer.from(content.receive, content.encoding);
      answer = Buffer.concat([answer, chunk]);
      if (answer.length >= wanted.length) end(answer.subarray(0, wanted.length).equals(wanted));
    });
  });
}

function http(
  { timeout, http }: HealthCheckSpec,
  { source, address, port }: ProbePath,
): Promise<boolean> {
  const { domain = "", path = "/", method = "HEAD", codes = 31 } = http ?? {};
  return new Promise((resolve) => {
    const req = request({
      host: address,
      port,
      localAddress: source,
      method,
      path,
      agent: false,
      headers: { host: domain || `${address}:${port}` },
    });
    const end = (well: boolean): void => {
      clearTimeout(timer);
      req.destroy();
      resolve(well);
    };
    const timer = setTimeout(() => end(false), timeout * 1000);
    req.on("error", () => end(false));
    req.on("response", ({ statusCode = 0 }) => {
      const bit = 1 << (Math.floor(statusCode / 100) - 1);
      end((codes & bit) !== 0);
    });
    req.end();
  });
}
