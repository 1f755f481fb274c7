/** A field as PyPI `tccli` describes it in its api.json. Only facts are read: names, types, what is required. */
interface Member {
  name: string;
  type: string;
  /** Type of a list's items, or the object's name. */
  member: string;
  required?: boolean;
}

/** The part of an api.json that is read. */
export interface ApiDescription {
  metadata: { apiVersion: string };
  actions: Record<string, { input: string; output: string }>;
  objects: Record<string, { members: Member[] }>;
}

/** JSON Schema of a field. */
export type FieldSchema =
  | { type: "string" | "integer" | "number" | "boolean" }
  | { type: "array"; items: FieldSchema }
  | { $ref: string };

/** JSON Schema of a request, a response or an object within one. */
export interface ObjectSchema {
  type: "object";
  additionalProperties: false;
  properties: Record<string, FieldSchema>;
  required: string[];
}

/** The models of one service, as kept in `<service>.json`: JSON Schema, one definition an object of the API. */
export interface ServiceModels {
  $comment: string;
  /** API version, e.g. `2017-03-12`. */
  version: string;
  $defs: Record<string, ObjectSchema>;
}

const scalars: Readonly<Record<string, FieldSchema>> = {
  string: { type: "string" },
  datetime: { type: "string" },
  datetime_iso: { type: "string" },
  date: { type: "string" },
  int: { type: "integer" },
  int64: { type: "integer" },
  uint64: { type: "integer" },
  float: { type: "number" },
  bool: { type: "boolean" },
};

function fieldSchema({ type, member }: Pick<Member, "type" | "member">): FieldSchema {
  if (type === "list") {
    return {
      type: "array",
      items: fieldSchema({ type: scalars[member] ? member : "object", member }),
    };
  }
  return type === "object" ? { $ref: `#/$defs/${member}` } : scalar(type);
}

function scalar(type: string): FieldSchema {
  const schema = scalars[type];
  if (!schema) {
    throw new Error(
      `api.json has the type '${type}'; known are: ${Object.keys(scalars).join(", ")}`,
    );
  }
  return schema;
}

/**
 * The models of some actions of a service, with all objects they reach.
 *
 * @param source What the description comes from; kept as the comment.
 * @throws Error naming an action that the description does not have.
 */
export function compactModels(
  api: ApiDescription,
  actions: readonly string[],
  source: string,
): ServiceModels {
  const $defs: ServiceModels["$defs"] = {};
  const reach = (name: string): void => {
    const object = api.objects[name];
    if (!object) {
      throw new Error(`${source} has no object '${name}'`);
    }
    if ($defs[name]) {
      return;
    }
    const members = object.members;
    $defs[name] = {
      type: "object",
      additionalProperties: false,
      properties: Object.fromEntries(members.map((each) => [each.name, fieldSchema(each)])),
      required: members.filter((each) => each.required).map((each) => each.name),
    };
    for (const { type, member } of members) {
      if ((type === "list" && !scalars[member]) || type === "object") {
        reach(member);
      }
    }
  };
  for (const name of [...actions].sort()) {
    const action = api.actions[name];
    if (!action) {
      throw new Error(`${source} has no action '${name}'`);
    }
    reach(action.input);
    reach(action.output);
  }
  return { $comment: source, version: api.metadata.apiVersion, $defs };
}

/** Text of a model file: one definition a line, so that a new version of the API shows as lines changed. */
export function modelsText({ $defs, ...head }: ServiceModels): string {
  const lines = Object.entries($defs).map(
    ([name, schema]) => `"${name}":${JSON.stringify(schema)}`,
  );
  return `${JSON.stringify(head).slice(0, -1)},"$defs":{\n${lines.join(",\n")}\n}}\n`;
}
