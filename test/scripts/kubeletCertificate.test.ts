import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { endOf, scripts, temporaryDirectory } from "./support/host";

const path = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
const base64 = (text: string) => Buffer.from(text).toString("base64");

/** Asks an API whose request is first as it was made, and then has these, one after another. */
async function asked(...states: object[]) {
  const made: object[] = [];
  const server = createServer((request, response) => {
    const say = (status: number, body: object) =>
      response.writeHead(status).end(JSON.stringify(body));
    if (request.method === "GET") {
      expect(request.url).toBe(`${path}/kubernetes-ha-worker-1-abcde`);
      say(200, { status: states.shift() ?? {} });
      return;
    }
    let text = "";
    request.on("data", (chunk: Buffer) => (text += chunk.toString()));
    request.on("end", () => {
      made.push(JSON.parse(text) as object);
      const refused = states[0] !== undefined && "refused" in states[0];
      if (refused) say(403, { message: "it is not for you" });
      else say(201, { metadata: { name: "kubernetes-ha-worker-1-abcde" }, status: {} });
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const request = join(temporaryDirectory(), "request");
  writeFileSync(request, "a request");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const program = ["-B", join(scripts, "kubelet-certificate.py")];
  const ended = await endOf(
    spawn("python3", [...program, url, "ca", "client", "worker-1", request]),
  );
  server.closeAllConnections();
  server.close();
  return { ...ended, made };
}

test("a kubelet asks as those do that renew theirs, and is given what is signed", async () => {
  const approved = { conditions: [{ type: "Approved" }] };
  const { code, said, made } = await asked({}, approved, {
    ...approved,
    certificate: base64("a certificate\n"),
  });
  expect({ code, said }).toEqual({ code: 0, said: "a certificate\n" });
  expect(made).toEqual([
    {
      ...{ apiVersion: "certificates.k8s.io/v1", kind: "CertificateSigningRequest" },
      metadata: { generateName: "kubernetes-ha-worker-1-" },
      spec: {
        request: base64("a request"),
        signerName: "kubernetes.io/kube-apiserver-client-kubelet",
        usages: ["digital signature", "client auth"],
      },
    },
  ]);
});

test.each([
  [
    "denied",
    { conditions: [{ type: "Denied", message: "not in this name" }] },
    "Denied: not in this name",
  ],
  ["failed", { conditions: [{ type: "Failed", message: "no key" }] }, "Failed: no key"],
  ["refused", { refused: true }, "it is not for you"],
])("one that is %s ends it, with the reason", async (_, state, reason) => {
  const { code, said } = await asked(state);
  expect(code).toBe(1);
  expect(said).toContain(reason);
});
