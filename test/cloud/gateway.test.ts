import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { action, service } from "../../lab/cloud/action";
import { Faults } from "../../lab/cloud/faults";
import { RequestLog } from "../../lab/cloud/requestLog";
import * as s from "../../lab/cloud/schema";
import { createApi } from "../../lab/cloud/server";
import { parseSettings } from "../../lab/cloud/settings";
import { Store } from "../../lab/cloud/store";
import { clientsFor, credential, outcome, startTestCloud, type TestCloud } from "./support/cloud";
import { send, signedHeaders, type Answer, type Sent } from "./support/send";

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud();
});
afterAll(() => cloud.close());

const ask = (sent: Sent): Promise<Answer> => send(cloud.cloud.apiPort, sent);

const zones: Sent = { service: "cvm", action: "DescribeZones", version: "2017-03-12" };

test("a request to a proxy is answered, error or not, with status 200 and a request id", async () => {
  const good = await ask(zones);
  expect(good).toMatchObject({ status: 200, code: "ok", response: { TotalCount: 3 } });
  const bad = await ask({ ...zones, action: "DescribeNothing" });
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
  expect((await ask({ ...zones, ...change })).code).toBe(code);
});

test("services of the account answer in any region", async () => {
  const call = { service: "sts", action: "GetCallerIdentity", version: "2018-08-13" };
  expect((await ask({ ...call, headers: { "x-tc-region": "ap-moon" } })).code).toBe("ok");
});

test("wrong credentials are refused before anything else is looked at", async () => {
  const stranger = clientsFor(cloud.cloud.apiPort, { ...credential, secretKey: "wrong" });
  expect(await outcome(stranger.vpc.DescribeVpcs({}))).toBe("AuthFailure.SignatureFailure");
});

test("an answer that breaks its model is an InternalError, told loudly, and undoes the call", async () => {
  const stateDir = mkdtempSync(path.join(tmpdir(), "kha-gateway-"));
  const store = new Store(stateDir);
  const requestLog = new RequestLog(path.join(stateDir, "requests.jsonl"));
  const broken = action<object, object>("DescribeVpcs", s.model<object>({}), (call) => {
    call.store.tables.tasks.put({ id: "1", seq: 1, createdAt: "", addressId: "" });
    return { TotalCount: "none" };
  });
  const api = createApi({
    settings: parseSettings({ stateDir, credentials: [credential] }),
    store,
    services: [service("vpc", "2017-03-12", true, [broken])],
    faults: new Faults(),
    requestLog,
    targetHealth: () => [],
    changed: () => undefined,
  });
  const told: string[] = [];
  const stderr = jest.spyOn(process.stderr, "write").mockImplementation((line) => {
    told.push(String(line));
    return true;
  });
  const call = { service: "vpc", action: "DescribeVpcs", version: "2017-03-12" };
  const answer = await api.request("http://x/", {
    method: "POST",
    body: "{}",
    headers: signedHeaders(call),
  });
  stderr.mockRestore();
  expect(await answer.json()).toMatchObject({ Response: { Error: { Code: "InternalError" } } });
  expect(told.join("")).toContain("the answer of vpc DescribeVpcs breaks the official model");
  expect(told.join("")).toContain("TotalCount is string, not integer");
  expect(told.join("")).toContain("VpcSet is missing");
  expect(store.tables.tasks.list()).toEqual([]);
  await requestLog.close();
  await store.close();
  rmSync(stateDir, { recursive: true, force: true });
});
