import { z } from "zod";

import { ApiError } from "./errors";

/**
 * A response model with every field present: the provider dereferences fields without asking. Only a nested object may be
 * null, where the real API answers null.
 */
export type Full<T> = T extends string | number | bigint | boolean | null | undefined
  ? T
  : T extends (infer U)[]
    ? Full<U>[]
    : { [K in keyof T]-?: FullField<NonNullable<T[K]>> };

type FullField<V> = V extends (infer U)[] ? Full<U>[] : V extends object ? Full<V> | null : V;

/** One schema for each field of a request model, optional ones included, so that none is forgotten or misspelt. */
export type Shape<T> = { [K in keyof T]-?: z.ZodType<T[K]> };

/** A strict schema of a request model of the official SDK: fields outside the model are refused. */
export function model<T>(shape: Shape<T>): z.ZodType<T> {
  return z.strictObject(shape) as unknown as z.ZodType<T>;
}

export const text = z.string();
export const optionalText = z.string().optional();
export const integer = z.number().int();
export const optionalInteger = z.number().int().optional();
export const optionalFlag = z.boolean().optional();
export const texts = z.array(z.string());
export const optionalTexts = z.array(z.string()).optional();

/** A name that people see, of at most `most` bytes. */
export function name(most: number): z.ZodType<string> {
  return z.string().superRefine((value, context) => {
    if (Buffer.byteLength(value) <= most) return;
    context.addIssue({
      code: "custom",
      params: { apiCode: "InvalidParameterValue.TooLong" },
      message: `'${value}' is longer than ${most} bytes`,
    });
  });
}

/** Something the lab never uses but the model has: any value of the field's type passes. */
export const ignored = z.any().optional();

/**
 * Something the lab has nothing behind: ignoring it would tell a caller that it works. False, zero and empty ask for nothing;
 * the provider sends them.
 */
export const refused = z
  .any()
  .superRefine((value: unknown, context) => {
    if (Array.isArray(value) ? value.length > 0 : Boolean(value)) {
      context.addIssue({
        code: "custom",
        params: { apiCode: "UnsupportedOperation" },
        message: "the lab has nothing behind it",
      });
    }
  })
  .optional();

/** What becomes of a request field. */
export type Treatment = "honoured" | "ignored" | "refused";

/** Every field of a schema, nested ones as `DataDisks.DiskSize`, and what becomes of it. */
export function treatments(schema: unknown, prefix = ""): [string, Treatment][] {
  const inner =
    schema instanceof z.ZodOptional || schema instanceof z.ZodNullable
      ? schema.unwrap()
      : schema instanceof z.ZodArray
        ? schema.element
        : undefined;
  if (inner !== undefined) {
    return treatments(inner, prefix);
  }
  if (!(schema instanceof z.ZodObject)) {
    return [];
  }
  return Object.entries(schema.shape).flatMap(([name, field]): [string, Treatment][] => {
    const path = `${prefix}${name}`;
    if (field === ignored || field === refused) {
      return [[path, field === ignored ? "ignored" : "refused"]];
    }
    return [[path, "honoured"], ...treatments(field, `${path}.`)];
  });
}

/** An id of the shape `<prefix>-xxxxxxxx`, or `also`; otherwise the given code is answered. */
export function id(
  prefix: string,
  code = "InvalidParameterValue.Malformed",
  also?: string,
): z.ZodType<string> {
  return z.string().superRefine((value, context) => {
    if (value !== also && !new RegExp(`^${prefix}-[a-z0-9]{8}$`).test(value)) {
      context.addIssue({
        code: "custom",
        params: { apiCode: code },
        message: `'${value}' is not an id of the form ${prefix}-xxxxxxxx`,
      });
    }
  });
}

export const filters = z
  .array(z.strictObject({ Name: z.string(), Values: z.array(z.string()) }))
  .optional();

/** Tags of the services cvm, vpc and cbs. */
export const keyValueTags = z
  .array(z.strictObject({ Key: z.string().min(1), Value: z.string() }))
  .optional();

export const tagSpecification = z
  .array(
    z.strictObject({
      ResourceType: z.string(),
      Tags: z.array(z.strictObject({ Key: z.string().min(1), Value: z.string() })),
    }),
  )
  .optional();

function fieldName(path: PropertyKey[]): string {
  return path.map((part) => (typeof part === "number" ? String(part) : String(part))).join(".");
}

/**
 * Checks the parameters of a call.
 * @throws ApiError `UnknownParameter`, `MissingParameter`, `InvalidParameter` (wrong type) or the code a value's own rule names.
 */
export function parseRequest<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body, { reportInput: true });
  if (parsed.success) {
    return parsed.data;
  }
  const issues = parsed.error.issues;
  const unknown = issues.find((issue) => issue.code === "unrecognized_keys");
  if (unknown) {
    throw new ApiError(
      "UnknownParameter",
      `The parameter \`${fieldName([...unknown.path, unknown.keys[0] as string])}\` is not recognized.`,
    );
  }
  const issue = issues[0] as z.core.$ZodIssue;
  const field = fieldName(issue.path);
  if (issue.code === "invalid_type" && issue.input === undefined) {
    throw new ApiError("MissingParameter", `The request is missing the parameter \`${field}\`.`);
  }
  if (issue.code === "invalid_type") {
    throw new ApiError(
      "InvalidParameter",
      `The value type of parameter \`${field}\` is not valid: ${issue.expected} expected.`,
    );
  }
  const apiCode =
    issue.code === "custom" ? (issue.params?.["apiCode"] as string | undefined) : undefined;
  throw new ApiError(
    apiCode ?? "InvalidParameterValue",
    `The value of parameter \`${field}\` is not valid: ${issue.message}.`,
  );
}
