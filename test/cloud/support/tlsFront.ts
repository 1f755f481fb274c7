import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { TLSSocket } from "node:tls";

import { makeAuthority } from "../../../components/pki/authority";

/** An HTTPS proxy for a client whose COS endpoint is fixed. */
export interface TlsFront {
  port: number;
  /** PEM file that the client must trust. */
  certificate: string;
  close(): Promise<void>;
}

/**
 * Stands in for `*.cos.<region>.myqcloud.com`, where provider versions before `cos_domain` always go: ends TLS and hands the
 * bytes to the local cloud. Tunnels to anywhere else are refused.
 */
export async function startTlsFront(region: string, apiPort: number): Promise<TlsFront> {
  const name = `.cos.${region}.myqcloud.com`;
  const { crt, key } = await makeAuthority(`*${name}`, 1);
  const dir = mkdtempSync(path.join(tmpdir(), "kha-tls-"));
  const certificate = path.join(dir, "ca.crt");
  writeFileSync(certificate, crt);
  const sockets = new Set<Socket>();
  const proxy = createServer((_, response) => response.writeHead(405).end());
  proxy.on("connect", (request, socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket)).on("error", () => socket.destroy());
    if (!request.url?.endsWith(`${name}:443`)) {
      socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
      return;
    }
    socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
    const plain = new TLSSocket(socket, { isServer: true, cert: crt, key });
    const cloud = connect(apiPort, "127.0.0.1");
    plain.on("error", () => cloud.destroy()).on("close", () => cloud.destroy());
    cloud.on("error", () => plain.destroy()).on("close", () => plain.destroy());
    plain.pipe(cloud).pipe(plain);
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  return {
    port: (proxy.address() as AddressInfo).port,
    certificate,
    close: async () => {
      sockets.forEach((socket) => socket.destroy());
      await new Promise((resolve) => proxy.close(resolve));
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
