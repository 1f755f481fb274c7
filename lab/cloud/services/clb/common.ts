import { z } from "zod";

import { ApiError } from "../../errors";
import type { QueryRules } from "../../query";
import * as s from "../../schema";
import type { Store } from "../../store";
import type {
  ListenerRecord,
  LoadBalancerRecord,
  TargetGroupRecord,
  TargetRecord,
} from "./records";

export const rules: QueryRules = {
  unknownFilter: "InvalidParameterValue.InvalidFilter",
  badPage: "InvalidParameterValue.Range",
};

export const loadBalancerId = s.id("lb", "InvalidParameter.FormatError");
export const listenerId = s.id("lbl", "InvalidParameter.FormatError");
export const targetGroupId = s.id("lbtg", "InvalidParameter.FormatError");
export const vpcId = s.id("vpc", "InvalidParameter.FormatError");
export const instanceId = s.id("ins", "InvalidParameter.FormatError");
export const securityGroupId = s.id("sg", "InvalidParameter.FormatError");

/** A list of one to `max` entries. */
export function listOf<T>(entry: z.ZodType<T>, max: number): z.ZodType<T[]> {
  return entry.array().superRefine((value, context) => {
    if (value.length < 1 || value.length > max) {
      refuse(context, "InvalidParameterValue.Length", `${value.length} entries, not 1 to ${max}`);
    }
  });
}

/** A whole number from `min` to `max`; also one of `others`, which have a meaning of their own. */
export function within(
  min: number,
  max: number,
  { others = [], code = "InvalidParameterValue" }: { others?: number[]; code?: string } = {},
): z.ZodType<number> {
  return s.integer.superRefine((value, context) => {
    if (!others.includes(value) && (value < min || value > max)) {
      const also = others.map((each) => `${each} or `).join("");
      refuse(context, code, `${value} is not ${also}${min} to ${max}`);
    }
  });
}

/** A text that is one of a few. */
export function oneOf(...values: string[]): z.ZodType<string> {
  return s.text.superRefine((value, context) => {
    if (!values.includes(value)) {
      refuse(context, "InvalidParameterValue", `'${value}' is not one of ${values.join(", ")}`);
    }
  });
}

/** A name of 1 to 80 characters, none outside the basic plane of Unicode (no emoji). */
export const name: z.ZodType<string> = s.text.superRefine((value, context) => {
  const beyond = /[\u{10000}-\u{10ffff}]/u.exec(value);
  if (value.length < 1 || value.length > 80) {
    refuse(context, "InvalidParameterValue.Length", `${value.length} characters, not 1 to 80`);
  } else if (beyond) {
    refuse(context, "InvalidParameter.FormatError", `'${beyond[0]}' is not allowed in a name`);
  }
});

export const port = (code?: string): z.ZodType<number> =>
  within(1, 65_535, code === undefined ? {} : { code });

function refuse(context: z.core.$RefinementCtx, apiCode: string, message: string): void {
  context.addIssue({ code: "custom", params: { apiCode }, message });
}

/** @throws ApiError `InvalidParameter.LBIdNotFound` */
export function requireLoadBalancer(store: Store, id: string): LoadBalancerRecord {
  const found = store.tables.loadBalancers.get(id);
  if (!found) {
    throw new ApiError(
      "InvalidParameter.LBIdNotFound",
      `The load balancer '${id}' does not exist.`,
    );
  }
  return found;
}

/** Listeners of a load balancer, in the order they were made. */
export function listenersOf(store: Store, id: string): ListenerRecord[] {
  return store.tables.listeners.list().filter((each) => each.loadBalancerId === id);
}

/** @throws ApiError `InvalidParameterValue` */
export function requireTargetGroup(store: Store, id: string): TargetGroupRecord {
  const found = store.tables.targetGroups.get(id);
  if (!found) {
    throw new ApiError("InvalidParameterValue", `The target group '${id}' does not exist.`);
  }
  return found;
}

/** What a listener leads to: its own targets or its group's. */
export function targetsOf(store: Store, listener: ListenerRecord): TargetRecord[] {
  const group = store.tables.targetGroups.get(listener.targetGroupId ?? "");
  return group?.targets ?? listener.targets;
}

/** @throws ApiError `InvalidParameter.LBIdNotFound` or `InvalidParameter.ListenerIdNotFound` */
export function requireListener(
  store: Store,
  request: { LoadBalancerId: string; ListenerId: string },
): ListenerRecord {
  const { id } = requireLoadBalancer(store, request.LoadBalancerId);
  const listener = store.tables.listeners.get(request.ListenerId);
  if (listener?.loadBalancerId !== id) {
    throw new ApiError(
      "InvalidParameter.ListenerIdNotFound",
      `The load balancer ${id} has no listener '${request.ListenerId}'.`,
    );
  }
  return listener;
}
