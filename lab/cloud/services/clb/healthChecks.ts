import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/clb/v20180317/clb_models";

import { ApiError } from "../../errors";
import * as s from "../../schema";
import { oneOf, within } from "./common";
import type { HealthCheckRecord, ListenerRecord } from "./records";

/** Ways to check, the default first, by the listener's protocol. */
const types = { TCP: ["TCP", "HTTP", "CUSTOM"], UDP: ["PING", "CUSTOM"] } as const;

const times = within(2, 10).optional();

export const healthCheckSchema = s.model<Models.HealthCheck>({
  HealthSwitch: within(0, 1).optional(),
  TimeOut: within(2, 60).optional(),
  IntervalTime: within(2, 300).optional(),
  HealthNum: times,
  UnHealthNum: times,
  HttpCode: within(1, 31).optional(),
  HttpCheckPath: s.optionalText,
  HttpCheckDomain: s.optionalText,
  HttpCheckMethod: oneOf("HEAD", "GET").optional(),
  CheckPort: within(1, 65_535, { others: [-1] }).optional(),
  ContextType: oneOf("HEX", "TEXT").optional(),
  SendContext: s.optionalText,
  RecvContext: s.optionalText,
  CheckType: s.optionalText,
  HttpVersion: oneOf("HTTP/1.0", "HTTP/1.1").optional(),
  SourceIpType: within(0, 1).optional(),
  ExtendedCode: s.optionalText,
});

/** What a listener has that names nothing: the documented defaults; the source is that of accounts made since 2023. */
function defaults(protocol: ListenerRecord["protocol"]): HealthCheckRecord {
  return {
    on: true,
    timeout: 2,
    interval: 5,
    healthyAfter: 3,
    unhealthyAfter: 3,
    type: types[protocol][0],
    port: -1,
    sourceIpType: 1,
  };
}

function required<T>(value: T | undefined, field: string, type: string): T {
  if (value === undefined) {
    throw new ApiError(
      "MissingParameter",
      `A check of type ${type} needs \`HealthCheck.${field}\`.`,
    );
  }
  return value;
}

function http(
  given: Models.HealthCheck,
  known: HealthCheckRecord["http"],
): HealthCheckRecord["http"] {
  return {
    domain: required(given.HttpCheckDomain ?? known?.domain, "HttpCheckDomain", "HTTP"),
    version: required(given.HttpVersion ?? known?.version, "HttpVersion", "HTTP"),
    path: given.HttpCheckPath ?? known?.path ?? "/",
    method: given.HttpCheckMethod ?? known?.method ?? "HEAD",
    codes: given.HttpCode ?? known?.codes ?? 31,
  };
}

function custom(
  given: Models.HealthCheck,
  known: HealthCheckRecord["custom"],
): HealthCheckRecord["custom"] {
  const context = required(given.ContextType ?? known?.context, "ContextType", "CUSTOM");
  const texts = {
    send: required(given.SendContext ?? known?.send, "SendContext", "CUSTOM"),
    receive: required(given.RecvContext ?? known?.receive, "RecvContext", "CUSTOM"),
  };
  const wellFormed = context === "HEX" ? /^([0-9A-F]{2})*$/ : /^[\x20-\x7e]*$/;
  const wrong = Object.values(texts).find((text) => text.length > 500 || !wellFormed.test(text));
  if (wrong !== undefined) {
    const what = context === "HEX" ? "an even number of 0-9A-F" : "visible ASCII characters";
    throw new ApiError("InvalidParameterValue", `'${wrong}' is not at most 500 of ${what}.`);
  }
  return { context, ...texts };
}

/**
 * A listener's check as it is after a call: what the call names over what was there, or over the defaults.
 * @throws ApiError when the parts do not fit together.
 */
export function healthCheck(
  protocol: ListenerRecord["protocol"],
  given: Models.HealthCheck = {},
  known = defaults(protocol),
): HealthCheckRecord {
  const type = given.CheckType ?? known.type;
  const allowed: readonly string[] = types[protocol];
  if (!allowed.includes(type)) {
    throw new ApiError(
      "InvalidParameterValue",
      `CheckType '${type}' is not one of ${allowed.join(", ")}, which a ${protocol} listener has.`,
    );
  }
  const result: HealthCheckRecord = {
    on: given.HealthSwitch === undefined ? known.on : given.HealthSwitch === 1,
    timeout: given.TimeOut ?? known.timeout,
    interval: given.IntervalTime ?? known.interval,
    healthyAfter: given.HealthNum ?? known.healthyAfter,
    unhealthyAfter: given.UnHealthNum ?? known.unhealthyAfter,
    type,
    port: given.CheckPort ?? known.port,
    sourceIpType: given.SourceIpType ?? known.sourceIpType,
  };
  if (result.timeout >= result.interval) {
    throw new ApiError(
      "InvalidParameterValue",
      `TimeOut ${result.timeout} s must be shorter than IntervalTime ${result.interval} s.`,
    );
  }
  const forHttp = type === "HTTP" ? http(given, known.http) : undefined;
  const forCustom = type === "CUSTOM" ? custom(given, known.custom) : undefined;
  return {
    ...result,
    ...(forHttp && { http: forHttp }),
    ...(forCustom && { custom: forCustom }),
  };
}

export function healthCheckToModel(check: HealthCheckRecord): s.Full<Models.HealthCheck> {
  return {
    HealthSwitch: check.on ? 1 : 0,
    TimeOut: check.timeout,
    IntervalTime: check.interval,
    HealthNum: check.healthyAfter,
    UnHealthNum: check.unhealthyAfter,
    HttpCode: check.http?.codes ?? 0,
    HttpCheckPath: check.http?.path ?? "",
    HttpCheckDomain: check.http?.domain ?? "",
    HttpCheckMethod: check.http?.method ?? "",
    CheckPort: check.port,
    ContextType: check.custom?.context ?? "",
    SendContext: check.custom?.send ?? "",
    RecvContext: check.custom?.receive ?? "",
    CheckType: check.type,
    HttpVersion: check.http?.version ?? "",
    SourceIpType: check.sourceIpType,
    ExtendedCode: "",
  };
}
