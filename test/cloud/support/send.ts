import { Agent, request as httpRequest } from "node:http";

import { sign, utcDate } from "../../../lab/cloud/signature";
import { credential, domain } from "./cloud";

/** A call as it goes over the wire. */
export interface Sent {
  service: string;
  action: string;
  version: string;
  /** Text of the body; default an empty object. */
  body?: string;
  /** Headers that differ from what a client would send; undefined = left out. */
  headers?: Record<string, string | undefined>;
  /** Default: the right one. */
  secretKey?: string;
  /** Seconds since 1970; default now. */
  timestamp?: number;
}

export interface Answer {
  status: number;
  /** `ok` or the error's code. */
  code: string;
  response: Record<string, unknown> & { Error?: { Code: string; Message: string } };
}

const agent = new Agent({ keepAlive: true });

/** Headers of a call, signed. */
export function signedHeaders(sent: Sent): Record<string, string> {
  const { service, action, version, body = "{}", headers = {} } = sent;
  const host = `${service}.${domain}`;
  const timestamp = Math.floor(sent.timestamp ?? Date.now() / 1000);
  const signed = { "content-type": "application/json", host };
  const signature = sign(
    { method: "POST", query: "", body: Buffer.from(body), headers: signed },
    sent.secretKey ?? credential.secretKey,
    service,
    String(timestamp),
    ["content-type", "host"],
  );
  const scope = `${utcDate(timestamp)}/${service}/tc3_request`;
  const all: Record<string, string | undefined> = {
    ...signed,
    "x-tc-action": action,
    "x-tc-version": version,
    "x-tc-region": "ap-guangzhou",
    "x-tc-timestamp": String(timestamp),
    authorization: `TC3-HMAC-SHA256 Credential=${credential.secretId}/${scope}, SignedHeaders=content-type;host, Signature=${signature}`,
    ...headers,
  };
  return Object.fromEntries(
    Object.entries(all).filter((each): each is [string, string] => each[1] !== undefined),
  );
}

/** Sends a signed call the way the provider does: as a request to a proxy, with the whole URL in its first line. */
export function send(port: number, sent: Sent): Promise<Answer> {
  const { body = "{}" } = sent;
  return new Promise((resolve, reject) => {
    const call = httpRequest(
      {
        agent,
        host: "127.0.0.1",
        port,
        method: "POST",
        path: `http://${sent.service}.${domain}/`,
        headers: signedHeaders(sent),
      },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("end", () => {
          const { Response } = JSON.parse(Buffer.concat(chunks).toString()) as {
            Response: Answer["response"];
          };
          resolve({
            status: answer.statusCode ?? 0,
            code: Response.Error?.Code ?? "ok",
            response: Response,
          });
        });
      },
    );
    call.on("error", reject);
    call.end(body);
  });
}
