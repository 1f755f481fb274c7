import type { FieldSchema, ObjectSchema } from "../../../lab/cloud/models/compact";

type Defs = Readonly<Record<string, ObjectSchema>>;
type Body = Record<string, unknown>;

/** A changed request, and where it was changed: `DataDisks.0.DiskSize`. */
export interface Variant {
  path: string;
  body: Body;
}

/** Prefix of the ids a field holds, by the field's name without `Id` or `Ids`. */
const prefixes: Readonly<Record<string, string>> = {
  Vpc: "vpc",
  Subnet: "subnet",
  RouteTable: "rtb",
  SecurityGroup: "sg",
  Instance: "ins",
  HaVip: "havip",
  Address: "eip",
  NatGateway: "nat",
  Disk: "disk",
  Key: "skey",
  Image: "img",
  DisasterRecoverGroup: "ps",
  LoadBalancer: "lb",
  Listener: "lbl",
};

/** What required texts of few values may say. */
const words: Readonly<Record<string, string>> = { LoadBalancerType: "OPEN" };

function prefixOf(field: string): string | undefined {
  return /Ids?$/.test(field) ? prefixes[field.replace(/Ids?$/, "")] : undefined;
}

function valueOf(defs: Defs, field: string, schema: FieldSchema): unknown {
  if ("$ref" in schema) {
    return minimal(defs, schema.$ref.slice("#/$defs/".length));
  }
  switch (schema.type) {
    case "array":
      return [valueOf(defs, field, schema.items)];
    case "string":
      return prefixOf(field) === undefined
        ? (words[field] ?? "text")
        : `${prefixOf(field) as string}-00000000`;
    case "boolean":
      return true;
    default:
      return 1;
  }
}

/** The smallest body an object's model allows: required fields only, each of its type. */
export function minimal(defs: Defs, object: string): Body {
  const { properties, required } = defs[object] as ObjectSchema;
  return Object.fromEntries(
    required.map((field) => [field, valueOf(defs, field, properties[field] as FieldSchema)]),
  );
}

/** Every object a request can hold, at any depth, as a body that is minimal around it; `put` makes the body with another in its place. */
function objects(
  defs: Defs,
  object: string,
  path: string[] = [],
  put: (value: unknown) => Body = (value) => value as Body,
): { path: string[]; object: string; put: (value: unknown) => Body }[] {
  const here = { path, object, put };
  const below = Object.entries((defs[object] as ObjectSchema).properties).flatMap(
    ([field, schema]) => {
      const list = "type" in schema && schema.type === "array";
      const inner = list ? schema.items : schema;
      if (!("$ref" in inner) || path.length > 8) {
        return [];
      }
      return objects(
        defs,
        inner.$ref.slice("#/$defs/".length),
        [...path, field, ...(list ? ["0"] : [])],
        (value) => put({ ...minimal(defs, object), [field]: list ? [value] : value }),
      );
    },
  );
  return [here, ...below];
}

/** One more field, in each object of a request. */
export function withUnknownFields(defs: Defs, request: string): Variant[] {
  return objects(defs, request).map(({ path, object, put }) => ({
    path: [...path, "NoSuchField"].join("."),
    body: put({ ...minimal(defs, object), NoSuchField: 1 }),
  }));
}

/** A value that no field of the type has. */
function wrong(schema: FieldSchema): unknown {
  return "$ref" in schema
    ? "text"
    : schema.type === "string"
      ? 7
      : schema.type === "array"
        ? {}
        : "text";
}

/** A value of another type, in each field of a request; of a list, the list and its items. */
export function withWrongTypes(defs: Defs, request: string): Variant[] {
  return objects(defs, request).flatMap(({ path, object, put }) =>
    Object.entries((defs[object] as ObjectSchema).properties).flatMap(([field, schema]) => {
      const at = (...more: string[]): string => [...path, field, ...more].join(".");
      const body = (value: unknown): Body => put({ ...minimal(defs, object), [field]: value });
      const items =
        "type" in schema && schema.type === "array"
          ? [{ path: at("0"), body: body([wrong(schema.items)]) }]
          : [];
      return [{ path: at(), body: body(wrong(schema)) }, ...items];
    }),
  );
}

/** One required field less, in each object of a request; `except` are fields the real API does without, by object. */
export function withMissingFields(
  defs: Defs,
  request: string,
  except: Readonly<Record<string, readonly string[]>> = {},
): Variant[] {
  return objects(defs, request).flatMap(({ path, object, put }) =>
    (defs[object] as ObjectSchema).required
      .filter((field) => !except[object]?.includes(field))
      .map((field) => {
        const rest = Object.entries(minimal(defs, object)).filter(([name]) => name !== field);
        return { path: [...path, field].join("."), body: put(Object.fromEntries(rest)) };
      }),
  );
}

/** Something that is no id, in each field of a request that holds ids; with the prefix they should have. */
export function withBadIds(defs: Defs, request: string): (Variant & { prefix: string })[] {
  const { properties } = defs[request] as ObjectSchema;
  return Object.entries(properties).flatMap(([field, schema]) => {
    const prefix = prefixOf(field);
    if (prefix === undefined) {
      return [];
    }
    const bad = "type" in schema && schema.type === "array" ? ["no id"] : "no id";
    return [{ path: field, prefix, body: { ...minimal(defs, request), [field]: bad } }];
  });
}
