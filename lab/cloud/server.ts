import { createHash, randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";

import { Hono, type MiddlewareHandler } from "hono";

import type { TargetHealth } from "../hosts/loadBalancer";
import type { Action, Call, Service } from "./action";
import { ApiError, DryRunPassed } from "./errors";
import type { Faults } from "./faults";
import { checkIdLists, RateLimiter } from "./limits";
import { authorize } from "./permissions";
import type { RequestLog } from "./requestLog";
import { actionModel } from "./models";
import { parseRequest } from "./schema";
import type { CloudSettings } from "./settings";
import { verify, type Credential } from "./signature";
import type { Store } from "./store";

/** Largest request body the API takes, in bytes. */
const maxBodyBytes = 10 * 1024 * 1024;

/** What a call is served with. */
export interface GatewayParts {
  settings: CloudSettings;
  store: Store;
  services: readonly Service[];
  faults: Faults;
  requestLog: RequestLog;
  /** What the world's probes of load balancers' targets have found. */
  targetHealth: () => readonly TargetHealth[];
  /** Called after each accepted change. */
  changed: () => void;
  now?: () => Date;
}

interface Envelope {
  Variables: {
    requestId: string;
    serviceName: string;
    service: Service;
    caller: Credential;
    action: Action;
    body: Uint8Array;
    request: unknown;
  };
}

/**
 * The API: one address for all services, told apart by the first label of the Host. Each handler does one thing and passes
 * on: answer and log, read, find the service, check who calls, find the action, count, check that the caller may, check
 * parameters, carry out.
 */
export function createApi(parts: GatewayParts): Hono<Envelope> {
  const api = new Hono<Envelope>();
  api.use("*", answer(parts), read, findService(parts), authenticate(parts), findAction(parts));
  api.use("*", count(parts), permit, validate);
  api.all("*", async (c) => {
    const { action, requestId } = c.var;
    const fault = parts.faults.strike(action.name);
    try {
      if (fault?.code !== undefined) {
        throw new ApiError(fault.code, fault.message ?? "A fault ordered by the lab.");
      }
      return c.json({ Response: { ...carryOut(parts, c.var), RequestId: requestId } });
    } finally {
      if (fault?.delayMs !== undefined) {
        await delay(fault.delayMs, undefined, { ref: false });
      }
    }
  });
  // Errors pass through here whatever handler threw them; status 200 is the real API's.
  api.onError((error, c) => {
    const known = error instanceof ApiError;
    if (!known) {
      process.stderr.write(
        `${c.get("requestId")}: InternalError: ${error.stack ?? error.message}\n`,
      );
    }
    const code = known ? error.code : "InternalError";
    const message = known ? error.message : "An internal error has occurred.";
    c.header("x-lab-outcome", code);
    return c.json({
      Response: { Error: { Code: code, Message: message }, RequestId: c.get("requestId") },
    });
  });
  return api;
}

function answer(parts: GatewayParts): MiddlewareHandler<Envelope> {
  return async (c, next) => {
    const started = performance.now();
    c.set("requestId", randomUUID());
    c.set("serviceName", "");
    await next();
    parts.requestLog.add({
      time: new Date().toISOString(),
      service: c.get("serviceName"),
      action: c.req.header("x-tc-action") ?? "",
      requestId: c.get("requestId"),
      client: c.req.header("x-tc-requestclient") ?? c.req.header("user-agent") ?? "",
      outcome: c.res.headers.get("x-lab-outcome") ?? "ok",
      ms: Math.round((performance.now() - started) * 10) / 10,
    });
    c.res.headers.delete("x-lab-outcome");
  };
}

const read: MiddlewareHandler<Envelope> = async (c, next) => {
  if (c.req.method !== "POST") {
    throw new ApiError("UnsupportedProtocol", "Only POST with a JSON body is supported.");
  }
  const body = new Uint8Array(await c.req.arrayBuffer());
  if (body.byteLength > maxBodyBytes) {
    throw new ApiError("RequestSizeLimitExceeded", "The request body is larger than 10 MB.");
  }
  c.set("body", body);
  await next();
};

function findService(parts: GatewayParts): MiddlewareHandler<Envelope> {
  return async (c, next) => {
    const name = (c.req.header("host") ?? "").split(/[.:]/)[0] as string;
    c.set("serviceName", name);
    const service = parts.services.find((each) => each.name === name);
    if (!service) {
      const known = parts.services.map((each) => each.name).join(", ");
      throw new ApiError("NoSuchProduct", `There is no product '${name}'; served here: ${known}.`);
    }
    c.set("service", service);
    await next();
  };
}

function authenticate(parts: GatewayParts): MiddlewareHandler<Envelope> {
  return async (c, next) => {
    const query = c.req.url.split("?")[1] ?? "";
    const caller = verify(
      { method: c.req.method, headers: c.req.header(), query, body: c.get("body") },
      c.get("service").name,
      parts.settings.credentials,
      parts.now?.() ?? new Date(),
    );
    c.set("caller", caller);
    await next();
  };
}

function findAction(parts: GatewayParts): MiddlewareHandler<Envelope> {
  return async (c, next) => {
    const service = c.get("service");
    const name = c.req.header("x-tc-action");
    if (!name) {
      throw new ApiError("MissingParameter", "The X-TC-Action header is missing.");
    }
    const version = c.req.header("x-tc-version");
    if (version !== service.version) {
      throw new ApiError(
        "NoSuchVersion",
        `The version '${version ?? ""}' of ${service.name} does not exist; use ${service.version}.`,
      );
    }
    const action = service.actions.get(name);
    if (!action) {
      throw new ApiError("InvalidAction", `The action '${name}' of ${service.name} is not served.`);
    }
    const region = c.req.header("x-tc-region");
    if (service.regional && !region) {
      throw new ApiError("MissingParameter", "The X-TC-Region header is missing.");
    }
    if (service.regional && region !== parts.settings.region) {
      throw new ApiError(
        "UnsupportedRegion",
        `The region '${region ?? ""}' is not served; the lab is ${parts.settings.region}.`,
      );
    }
    c.set("action", action);
    await next();
  };
}

const permit: MiddlewareHandler<Envelope> = async (c, next) => {
  authorize(c.get("caller").policy, `${c.get("service").name}:${c.get("action").name}`);
  await next();
};

/** Calls that fail later count too, as in the real API. */
function count(parts: GatewayParts): MiddlewareHandler<Envelope> {
  const limiter = new RateLimiter(parts.settings.rateLimits);
  return async (c, next) => {
    limiter.count(c.var.service.name, c.var.action.name, parts.now?.() ?? new Date());
    await next();
  };
}

const validate: MiddlewareHandler<Envelope> = async (c, next) => {
  const text = Buffer.from(c.get("body")).toString("utf8");
  let body: unknown;
  try {
    body = text.trim() === "" ? {} : JSON.parse(text);
  } catch {
    throw new ApiError("InvalidParameter", "The request body is not valid JSON.");
  }
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw new ApiError("InvalidParameter", "The request body must be a JSON object.");
  }
  const { service, action } = c.var;
  actionModel(service.name, action.name).checkRequest(body);
  checkIdLists(action.name, body);
  c.set("request", parseRequest(action.schema, body));
  await next();
};

function carryOut(parts: GatewayParts, call: Envelope["Variables"]): object {
  try {
    return execute(parts, call);
  } catch (error) {
    if (error instanceof DryRunPassed) {
      return {};
    }
    throw error;
  }
}

/** Carries out a call in one transaction; a ClientToken seen before gets the answer it got then. */
function execute(
  { store, settings, faults, targetHealth, now, changed: tell }: GatewayParts,
  { service, action, request, requestId }: Envelope["Variables"],
): object {
  const time = now?.() ?? new Date();
  const call: Call = { store, settings, faults, targetHealth, requestId, now: time };
  const { result, changed } = store.transaction((): object => {
    const handle = (): object => {
      const response = action.handle(call, request);
      // Before the commit: an answer that breaks the model leaves nothing behind.
      actionModel(service.name, action.name).checkResponse({ ...response, RequestId: requestId });
      return response;
    };
    const token = (request as { ClientToken?: unknown }).ClientToken;
    if (typeof token !== "string" || token === "") {
      return handle();
    }
    const id = `${service.name}/${action.name}/${token}`;
    const requestHash = createHash("sha256").update(JSON.stringify(request)).digest("hex");
    const known = store.tables.tokens.get(id);
    if (known && known.requestHash !== requestHash) {
      throw new ApiError(
        "InvalidParameterValue",
        "The ClientToken was used before with other parameters.",
      );
    }
    if (known) {
      return known.response as object;
    }
    const response = handle();
    const createdAt = call.now.toISOString();
    store.tables.tokens.put({ id, seq: store.next(), createdAt, requestHash, response });
    return response;
  });
  if (changed) {
    tell();
  }
  return result;
}
