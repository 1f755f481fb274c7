import type { z } from "zod";

import type { TargetHealth } from "../hosts/loadBalancer";
import type { Faults } from "./faults";
import type { Full } from "./schema";
import type { CloudSettings } from "./settings";
import type { Store } from "./store";

/** What a handler may use while it serves one call. Runs inside the call's transaction. */
export interface Call {
  store: Store;
  settings: CloudSettings;
  faults: Faults;
  /** What the world's probes of load balancers' targets have found. */
  targetHealth: () => readonly TargetHealth[];
  now: Date;
  requestId: string;
}

/** One served action of the API. */
export interface Action {
  name: string;
  schema: z.ZodType;
  handle(call: Call, request: unknown): object;
  /** What in it no document tells, and the lab decided; for docs/cloud-coverage.md. */
  inferred?: string | undefined;
}

/** One product of the API, reached as `<name>.<domain>`. */
export interface Service {
  name: string;
  version: string;
  /** Calls must name the region the lab serves. Account-wide services accept any. */
  regional: boolean;
  actions: ReadonlyMap<string, Action>;
}

/**
 * Defines an action after the official SDK's models: the schema must cover every request field, the handler must return
 * every response field (RequestId is added by the gateway).
 *
 * @param inferred What in it no document tells, and the lab decided.
 */
export function action<Req, Res>(
  name: string,
  schema: z.ZodType<Req>,
  handle: (call: Call, request: Req) => Full<Omit<Res, "RequestId">>,
  inferred?: string,
): Action {
  return { name, schema, handle: handle, inferred };
}

/** An action that answers nothing but its RequestId. */
export interface Nothing {
  RequestId?: string;
}

export function service(
  name: string,
  version: string,
  regional: boolean,
  actions: Action[],
): Service {
  return { name, version, regional, actions: new Map(actions.map((each) => [each.name, each])) };
}
