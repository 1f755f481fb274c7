import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";

import { ApiError } from "../errors";
import type { Faults } from "../faults";
import { authorize } from "../permissions";
import type { RequestLog } from "../requestLog";
import { roleCredential } from "../roleKeys";
import type { CloudSettings } from "../settings";
import type { Store } from "../store";
import { aclOperations } from "./acl";
import { authenticate, type Caller } from "./authenticate";
import { Bodies } from "./bodies";
import { bucketOperations } from "./buckets";
import { copyOperations } from "./copies";
import { configurationOperations } from "./configurations";
import { parseQuery } from "./encoding";
import { CosError, faultError } from "./errors";
import { parseCosHost, type CosHost } from "./host";
import { listingOperations } from "./listing";
import { multipartOperations } from "./multipart";
import { objectOperations } from "./objects";
import { ownHeader, type CosAnswer, type CosCall, type Operation } from "./operation";
import { writeXml } from "./xml";

export { parseCosHost } from "./host";

/** Everything the object storage does. */
export const operations: Operation[] = [
  ...bucketOperations,
  ...listingOperations,
  ...aclOperations,
  ...configurationOperations,
  ...objectOperations,
  ...multipartOperations,
  ...copyOperations,
];

/** Query parameters that choose the operation; the first of these that a request has decides. */
const parameters = [...new Set(operations.flatMap((each) => each.parameter ?? []))];

export interface CosParts {
  settings: CloudSettings;
  store: Store;
  faults: Faults;
  requestLog: RequestLog;
  now?: () => Date;
}

/**
 * The object storage (COS): buckets as host names, both kinds of signature, XML. A request goes through: whose is it, what does
 * it want, may it, carry out.
 */
export function createCos(parts: CosParts): (incoming: IncomingMessage) => Promise<Response> {
  const bodies = new Bodies(parts.settings.stateDir, parts.store);
  return async (incoming) => {
    const started = performance.now();
    const requestId = randomUUID();
    const seen = { action: "" };
    let answer: CosAnswer;
    let outcome = "ok";
    try {
      answer = await serve(parts, bodies, incoming, requestId, seen);
    } catch (error) {
      const known = toCosError(error, requestId);
      outcome = known.code;
      answer = errorAnswer(known, incoming, requestId);
    }
    parts.requestLog.add({
      time: new Date().toISOString(),
      service: "cos",
      action: seen.action,
      requestId,
      client: incoming.headers["user-agent"] ?? "",
      outcome,
      ms: Math.round((performance.now() - started) * 10) / 10,
    });
    return toResponse(answer, requestId, incoming.method === "HEAD");
  };
}

async function serve(
  parts: CosParts,
  bodies: Bodies,
  incoming: IncomingMessage,
  requestId: string,
  seen: { action: string },
): Promise<CosAnswer> {
  const { settings, store } = parts;
  const headers = incoming.headers as Record<string, string | undefined>;
  const { path, query } = target(incoming.url ?? "/");
  const host = parseCosHost(headers["host"] ?? "") as CosHost;
  const now = parts.now?.() ?? new Date();
  const method = incoming.method ?? "GET";
  const pairs = parseQuery(query);
  const key = decodeURIComponent(path.slice(1));
  const signed = { method, path, query: pairs, headers };
  const caller = authenticate(
    signed,
    (secretId) =>
      settings.credentials.find((each) => each.secretId === secretId) ??
      roleCredential({ settings, store, now }, secretId),
    now,
  );
  checkPlace(host, key, settings.region);
  const call: CosCall = {
    store,
    bodies,
    settings,
    now,
    requestId,
    bucketName: host.bucket ?? "",
    key,
    query: new URLSearchParams(query),
    headers,
    prefix: `x-${caller.dialect}-`,
    body: incoming,
    authorize: (name, path) => allow(caller, call, name, path),
  };
  const operation = choose(call, method, host);
  seen.action = operation.name;
  permit(operation, caller, call);
  const fault = parts.faults.strike(operation.name);
  try {
    if (fault?.code !== undefined) {
      throw faultError(fault.code, fault.message ?? "A fault ordered by the lab.");
    }
    return await operation.handle(call);
  } finally {
    if (fault?.delayMs !== undefined) {
      await delay(fault.delayMs, undefined, { ref: false });
    }
  }
}

/** Path and query of a request line, which has the whole URL when it was sent to a proxy. Kept percent-encoded. */
function target(url: string): { path: string; query: string } {
  const [before, query = ""] = url.replace(/^http:\/\/[^/?]*/, "").split(/\?(.*)/s);
  return { path: before === "" ? "/" : (before as string), query };
}

function checkPlace({ bucket, region }: CosHost, key: string, served: string): void {
  if (bucket === undefined && key !== "") {
    throw new CosError(
      403,
      "PathStyleDomainForbidden",
      "The bucket is to be named in the host, as <bucket>-<appid>.cos.<region>.<domain>, not in the path.",
    );
  }
  if (region !== undefined && region !== served) {
    throw new CosError(404, "NoSuchBucket", `The region '${region}' is not served, ${served} is.`);
  }
}

/** @throws CosError `MethodNotAllowed`, `NotImplemented` */
function choose(call: CosCall, method: string, host: CosHost): Operation {
  const { key, query } = call;
  const scope = host.bucket === undefined ? "service" : key === "" ? "bucket" : "object";
  const parameter = parameters.find((each) => query.has(each));
  // Sub-resources are parameters without a value: one that is not known must not be taken for the bucket itself.
  const unknown = [...query].find(([name, value]) => value === "" && /^[a-z-]+$/.test(name));
  if (
    parameter === undefined &&
    unknown &&
    !["prefix", "delimiter", "marker"].includes(unknown[0])
  ) {
    throw new CosError(501, "NotImplemented", `The sub-resource '${unknown[0]}' is not served.`);
  }
  const operation = operations.find(
    (each) =>
      each.method === method &&
      each.scope === scope &&
      each.parameter === parameter &&
      (each.copies ?? false) === (ownHeader(call, "copy-source") !== undefined),
  );
  if (!operation) {
    throw new CosError(
      405,
      "MethodNotAllowed",
      `${method} of a ${scope}${parameter === undefined ? "" : ` with ?${parameter}`} is not served.`,
    );
  }
  return operation;
}

/** What is public may be read by anybody; the rest takes a signature, and a policy that allows it. */
function permit({ name, takes }: Operation, caller: Caller, call: CosCall): void {
  const { store, bucketName, key } = call;
  if (caller.credential) {
    for (const [operation, path] of takes?.(call) ?? [[name, `${bucketName}/${key}`] as const])
      allow(caller, call, operation, path);
    return;
  }
  const own = store.tables.objects.get(`${bucketName}/${key}`)?.acl ?? "default";
  const acl = own === "default" ? store.tables.buckets.get(bucketName)?.acl : own;
  if (!["GetObject", "HeadObject"].includes(name) || !acl?.startsWith("public-read")) {
    throw new CosError(403, "AccessDenied", "The request is not signed and this is not public.");
  }
}

function allow({ credential }: Caller, { settings }: CosCall, name: string, path: string): void {
  const { account, region } = settings;
  const resource = `qcs::cos:${region}:uid/${account.appId}:${path}`;
  authorize(credential?.policy, `cos:${name}`, resource);
}

function toCosError(error: unknown, requestId: string): CosError {
  if (error instanceof CosError) {
    return error;
  }
  // Thrown by what is shared with the API: the caller's policy.
  if (error instanceof ApiError && error.code === "AuthFailure.UnauthorizedOperation") {
    return new CosError(403, "AccessDenied", error.message);
  }
  if (error instanceof URIError) {
    return new CosError(400, "InvalidURI", "The path is not percent-encoded UTF-8.");
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`${requestId}: InternalError: ${text}\n`);
  return new CosError(500, "InternalError", "An internal error has occurred.");
}

function errorAnswer(error: CosError, incoming: IncomingMessage, requestId: string): CosAnswer {
  const Resource = `${incoming.headers.host ?? ""}${target(incoming.url ?? "/").path}`;
  return {
    status: error.status,
    body: writeXml({
      Error: {
        Code: error.code,
        Message: error.message,
        Resource,
        RequestId: requestId,
        TraceId: requestId,
      },
    }),
  };
}

function toResponse(answer: CosAnswer, requestId: string, head: boolean): Response {
  const { status = 200, body } = answer;
  const headers = {
    ...(typeof body === "string" && { "content-type": "application/xml" }),
    "x-cos-request-id": requestId,
    "x-amz-request-id": requestId,
    server: "tencent-cos",
    ...answer.headers,
  };
  const content = body instanceof Readable ? Readable.toWeb(body) : body;
  return new Response(head || content === undefined ? null : content, { status, headers });
}
