import { request as httpRequest } from "node:http";

import { services } from "../../lab/cloud/services";
import { sign, utcDate } from "../../lab/cloud/signature";
import {
  clientsFor,
  credential,
  domain,
  outcome,
  startTestCloud,
  type TestCloud,
} from "./support/cloud";

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud();
});
afterAll(() => cloud.close());

interface Sent {
  service: string;
  action: string;
  version: string;
  body?: string;
  headers?: Record<string, string | undefined>;
}

/** Sends a signed call the way the provider does: as a request to a proxy, with the whole URL in its first line. */
async function send({ service, action, version, body = "{}", headers = {} }: Sent): Promise<{
  status: number;
  code: string;
  response: Record<string, unknown>;
}> {
  const host = `${service}.${domain}`;
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signed = { "content-type": "application/json", host };
  const signature = sign(
    { method: "POST", query: "", body: Buffer.from(body), headers: signed },
    credential.secretKey,
    service,
    timestamp,
    ["content-type", "host"],
  );
  const scope = `${utcDate(Number(timestamp))}/${service}/tc3_request`;
  const all: Record<string, string | undefined> = {
    ...signed,
    "x-tc-action": action,
    "x-tc-version": version,
    "x-tc-region": "ap-guangzhou",
    "x-tc-timestamp": timestamp,
    authorization: `TC3-HMAC-SHA256 Credential=${credential.secretId}/${scope}, SignedHeaders=content-type;host, Signature=${signature}`,
    ...headers,
  };
  const present = Object.fromEntries(
    Object.entries(all).filter((each): each is [string, string] => each[1] !== undefined),
  );
  return new Promise((resolve, reject) => {
    const call = httpRequest(
      {
        host: "127.0.0.1",
        port: cloud.cloud.apiPort,
        method: "POST",
        path: `http://${host}/`,
        headers: present,
      },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("end", () => {
          const { Response } = JSON.parse(Buffer.concat(chunks).toString()) as {
            Response: Record<string, unknown> & { Error?: { Code: string } };
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

const zones: Sent = { service: "cvm", action: "DescribeZones", version: "2017-03-12" };

test("a request to a proxy is answered, error or not, with status 200 and a request id", async () => {
  const good = await send(zones);
  expect(good).toMatchObject({ status: 200, code: "ok", response: { TotalCount: 3 } });
  const bad = await send({ ...zones, action: "DescribeNothing" });
  expect(bad).toMatchObject({ status: 200, code: "InvalidAction" });
  expect(bad.response["RequestId"]).toMatch(/^[0-9a-f-]{36}$/);
});

test.each<[string, Partial<Sent>, string]>([
  ["product", { service: "teapot" }, "NoSuchProduct"],
  ["version", { version: "2010-01-01" }, "NoSuchVersion"],
  ["action", { action: "Brew" }, "InvalidAction"],
  ["no action", { headers: { "x-tc-action": undefined } }, "MissingParameter"],
  ["region", { headers: { "x-tc-region": "ap-moon" } }, "UnsupportedRegion"],
  ["no region", { headers: { "x-tc-region": undefined } }, "MissingParameter"],
  ["signature", { headers: { authorization: "nonsense" } }, "AuthFailure.InvalidAuthorization"],
  ["clock", { headers: { "x-tc-timestamp": "1000000000" } }, "AuthFailure.SignatureExpire"],
  ["JSON", { body: "{" }, "InvalidParameter"],
  ["shape", { body: "[]" }, "InvalidParameter"],
])("wrong %s", async (_, change, code) => {
  expect((await send({ ...zones, ...change })).code).toBe(code);
});

test("services of the account answer in any region", async () => {
  const call = { service: "sts", action: "GetCallerIdentity", version: "2018-08-13" };
  expect((await send({ ...call, headers: { "x-tc-region": "ap-moon" } })).code).toBe("ok");
});

test("wrong credentials are refused before anything else is looked at", async () => {
  const stranger = clientsFor(cloud.cloud.apiPort, { ...credential, secretKey: "wrong" });
  expect(await outcome(stranger.vpc.DescribeVpcs({}))).toBe("AuthFailure.SignatureFailure");
});

const every = services.flatMap((service) =>
  [...service.actions.values()].map((action): [string, Sent, typeof action] => [
    `${service.name} ${action.name}`,
    { service: service.name, action: action.name, version: service.version },
    action,
  ]),
);

describe.each(every)("%s", (_, call, action) => {
  test("is strict about what it is sent", async () => {
    const unknown = await send({ ...call, body: '{"NoSuchField":1}' });
    expect(unknown.code).toBe("UnknownParameter");
    if (!action.schema.safeParse({}).success) {
      expect((await send({ ...call, body: "{}" })).code).toBe("MissingParameter");
    }
    // Every field of a model that is not left to anything refuses a value no field has the type of.
    const shape = Object.keys((action.schema as unknown as { shape: object }).shape);
    for (const field of shape) {
      const only = action.schema.safeParse({ [field]: { wrong: true } });
      const judged = only.error?.issues.some((issue) => issue.path[0] === field) ?? false;
      if (judged) {
        const { code } = await send({
          ...call,
          body: JSON.stringify({ [field]: { wrong: true } }),
        });
        expect(["InvalidParameter", "MissingParameter", "UnknownParameter"]).toContain(code);
      }
    }
  });
});
