import { z } from "zod";
import { didYouMean, type Problem, show } from "./problems";

/** What is read, and what it is read by. */
interface Reading {
  schema: z.ZodType;
  input: unknown;
  moved: Readonly<Record<string, string>>;
}

/**
 * What a schema found wrong with an input, each with its path, the value got, the values allowed and what to change.
 *
 * @param moved Settings that are elsewhere, by their path: what to do instead. @default none
 */
export function shapeProblems(
  schema: z.ZodType,
  input: unknown,
  found: z.ZodError,
  moved: Readonly<Record<string, string>> = {},
): Problem[] {
  const reading = { schema, input, moved };
  return found.issues.flatMap((issue) => problemsOf(issue, reading));
}

function problemsOf(issue: z.core.$ZodIssue, reading: Reading): Problem[] {
  const { schema, input, moved } = reading;
  if (issue.code === "unrecognized_keys") {
    const known = knownKeys(schema, issue.path, input);
    return issue.keys.map((key) => unknownKey(issue.path, key, known, moved));
  }
  if (issue.code === "invalid_union") {
    // Every branch fails somewhere; the one that got furthest is the one that was meant.
    const furthest = [...issue.errors].sort((a, b) => depth(b) - depth(a))[0] ?? [];
    if (depth(furthest) > 0 || furthest.some((nested) => nested.code === "unrecognized_keys")) {
      return furthest.flatMap((nested) =>
        problemsOf({ ...nested, path: [...issue.path, ...nested.path] }, reading),
      );
    }
  }
  if (issue.code === "invalid_key") {
    const key = show(String(issue.path.at(-1)));
    const path = issue.path.slice(0, -1).join(".");
    const fix = `Use ${issue.issues.map(wanted).join(", and ")}`;
    return [{ path, message: `got the key ${key}`, fix }];
  }
  const got = valueAt(input, issue.path);
  const path = issue.path.join(".") || "(the whole object)";
  if (got === undefined) {
    const what = missingOf(schemaAt(schema, issue.path, input)) ?? wanted(issue);
    return [{ path, message: "is missing", fix: `Set it to ${what}` }];
  }
  return [{ path, message: `got ${show(got)}`, fix: `Use ${wanted(issue)}` }];
}

function unknownKey(
  path: PropertyKey[],
  key: string,
  known: readonly string[],
  moved: Reading["moved"],
): Problem {
  const setting = [...path, key].join(".");
  const meant = didYouMean(key, known);
  return {
    path: setting,
    message: "there is no such setting",
    fix:
      moved[setting] ??
      (meant === undefined
        ? `Remove it; known here are ${known.join(", ")}`
        : `Did you mean ${[...path, meant].join(".")}`),
  };
}

/** What would have been right, in words. */
function wanted(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return expectedType(issue.expected);
    case "invalid_value":
      return oneOf(issue.values);
    case "too_small":
      return bounded(issue.origin, "at least", Number(issue.minimum));
    case "too_big":
      return bounded(issue.origin, "at most", Number(issue.maximum));
    case "not_multiple_of":
      return `a multiple of ${issue.divisor}`;
    case "invalid_union": {
      // Of a section with kinds, the kind is none of them: an absent one has a default, which is not a value to write.
      const { options } = issue as { options?: readonly unknown[] };
      if (options === undefined) return "a count, or a list of keys";
      return oneOf(options.filter((option) => option !== undefined));
    }
    default:
      return issue.message;
  }
}

function oneOf(values: readonly unknown[]): string {
  return `${values.length > 1 ? "one of " : ""}${values.map(String).join(", ")}`;
}

function bounded(origin: string, which: string, limit: number): string {
  const s = limit === 1 ? "" : "s";
  if (origin === "array") return `a list of ${which} ${limit} ${limit === 1 ? "entry" : "entries"}`;
  return origin === "string"
    ? `a text of ${which} ${limit} character${s}`
    : `a number of ${which} ${limit}`;
}

function expectedType(expected: string): string {
  const words: Record<string, string> = {
    int: "a whole number",
    object: "an object",
    record: "an object of names and values",
    array: "a list",
    string: "a text",
    number: "a number",
    boolean: "true or false",
  };
  return words[expected] ?? expected;
}

function depth(issues: readonly z.core.$ZodIssue[]): number {
  return Math.max(0, ...issues.map((issue) => issue.path.length));
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === "object" && value !== null
        ? (value as Record<PropertyKey, unknown>)[key]
        : undefined,
    input,
  );
}

/** Names of the settings an object has at a path of the schema. */
function knownKeys(schema: z.ZodType, path: readonly PropertyKey[], input: unknown): string[] {
  return Object.keys(shapeOf(bare(schemaAt(schema, path, input), valueAt(input, path))) ?? {});
}

/** What a setting that has to be set is to be set to, where its type does not say enough. */
function missingOf(schema: unknown): string | undefined {
  const missing = z.globalRegistry.get(schema as z.ZodType)?.["missing"];
  if (typeof missing === "string") return missing;
  const newest = newestOf(schema);
  return newest === undefined ? undefined : `what it is to run; newest known: ${newest}`;
}

/** Newest release that is known for a setting, or for each setting of an object of releases that has to be set. */
function newestOf(schema: unknown): string | undefined {
  const ofSetting = (each: unknown) => z.globalRegistry.get(each as z.ZodType)?.newest;
  const newest = ofSetting(schema);
  if (newest !== undefined) return newest;
  const known = Object.entries(shapeOf(schema) ?? {}).flatMap(([key, each]) => {
    const release = ofSetting(each);
    return release === undefined || (each as z.ZodType).safeParse(undefined).success
      ? []
      : [`${key} ${release}`];
  });
  return known.length === 0 ? undefined : known.join(", ");
}

/** The schema at a path, in the branches that the input chooses. */
function schemaAt(schema: z.ZodType, path: readonly PropertyKey[], input: unknown): unknown {
  return path.reduce<unknown>(
    (at, key, index) => step(bare(at, valueAt(input, path.slice(0, index))), key),
    schema,
  );
}

function shapeOf(schema: unknown): Record<PropertyKey, unknown> | undefined {
  return (schema as { shape?: Record<PropertyKey, unknown> } | undefined)?.shape;
}

interface SchemaDef {
  innerType?: unknown;
  in?: unknown;
  element?: unknown;
  options?: unknown[];
  /** Of a union of kinds: the setting that says which. */
  discriminator?: string;
}

const defOf = (schema: unknown) => (schema as { def?: SchemaDef } | undefined)?.def;

/** A schema without defaults, options and transforms round it; of a union, the branch of the value's kind, or that is an object. */
function bare(schema: unknown, value: unknown): unknown {
  const def = defOf(schema);
  const inner = def?.innerType ?? def?.in;
  if (inner !== undefined) return bare(inner, value);
  const { discriminator } = def ?? {};
  if (discriminator !== undefined) {
    const kind = valueAt(value, [discriminator]);
    // A branch may have branches itself.
    const branches = def?.options?.map((option) => bare(option, value));
    return branches?.find((branch) => takes(step(branch, discriminator), kind)) ?? schema;
  }
  const objects = def?.options
    ?.map((option) => bare(option, value))
    .filter((option) => "shape" in (option as object));
  return objects?.[0] ?? schema;
}

/** Whether a setting may have a value. */
function takes(schema: unknown, value: unknown): boolean {
  return (schema as z.ZodType | undefined)?.safeParse(value).success ?? false;
}

function step(schema: unknown, key: PropertyKey): unknown {
  const shape = shapeOf(schema);
  if (shape !== undefined) return shape[key];
  const def = defOf(schema);
  const list = def?.options?.map((option) => bare(option, undefined)).find(hasElement);
  return def?.element ?? defOf(list)?.element;
}

function hasElement(schema: unknown): boolean {
  return defOf(schema)?.element !== undefined;
}
