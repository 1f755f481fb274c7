import { type Resource } from "../../../policy/facts/stack";
import { kindOf } from "../../../policy/facts/types";
import { judge, type Rule } from "../../../policy/rules/rule";
import schema from "../../data/provider-1.83.25/schema.json";
import { type FixtureResource, unknown } from "../judge";

interface Field {
  Optional: boolean;
  Computed: boolean;
  Fields?: Fields;
}
type Fields = Readonly<Record<string, Field>>;

const schemas = schema as unknown as Readonly<Record<string, Fields | null>>;

/** Terraform's name of a camel-case one. */
const snake = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const camel = (name: string): string =>
  name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());

function fieldsOf(type: string): Fields {
  const [, noun = ""] = /^tencentcloud:index\/(\w+):/.exec(type) ?? [];
  return schemas[`tencentcloud_${snake(noun)}`] ?? {};
}

/** The field that an input of the SDK stands for; the SDK has lists in the plural. */
function fieldOf(fields: Fields, input: string): Field | undefined {
  const name = snake(input);
  return fields[name] ?? fields[name.replace(/s$/, "")] ?? fields[name.replace(/es$/, "")];
}

/** Types of the newer provider that the rules know, as far as its schema is at hand. */
export function judgedTypes(): string[] {
  return Object.entries(schemas).flatMap(([name, fields]) => {
    const noun = camel(name.replace("tencentcloud_", ""));
    const type = `tencentcloud:index/${noun}:${noun.charAt(0).toUpperCase()}${noun.slice(1)}`;
    return fields !== null && kindOf(type) !== undefined ? [type] : [];
  });
}

/** Whether the provider takes an input and makes it up where it is not written. */
export function isOptionalComputed(type: string, path: readonly string[]): boolean {
  let fields: Fields = fieldsOf(type);
  let field: Field | undefined;
  for (const input of path) {
    field = fieldOf(fields, input);
    fields = field?.Fields ?? {};
  }
  return field?.Optional === true && field.Computed;
}

/** Outputs that a preview shows of what is about to be made: all that is computed and not written is unknown, nested fields too. */
export function inPreview(resource: FixtureResource): FixtureResource {
  const { type, props } = resource;
  return { ...resource, props: withComputed(fieldsOf(type), props) };
}

function withComputed(
  fields: Fields,
  written: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const names = new Map(Object.keys(written).map((input) => [fieldOf(fields, input), input]));
  const open = Object.entries(fields)
    .filter(([, field]) => field.Computed && !names.has(field))
    .map(([name]) => [camel(name), unknown]);
  const shown = Object.entries(written).map(([input, value]) => {
    const inner = fieldOf(fields, input)?.Fields;
    return [input, inner && Array.isArray(value) ? value.map((one) => entry(inner, one)) : value];
  });
  return Object.fromEntries([...open, ...shown]) as Record<string, unknown>;
}

function entry(fields: Fields, value: unknown): unknown {
  return typeof value === "object" && value !== null
    ? withComputed(fields, value as Record<string, unknown>)
    : value;
}

/** A field of a type that some rule looks at. */
export interface Read {
  type: string;
  path: string[];
}

/** All that rules look at in resources, each once. */
export function fieldsRead(rules: readonly Rule[], resources: readonly Resource[]): Read[] {
  const reads = new Map<string, Read>();
  judge(
    rules,
    resources.map((resource) => ({
      ...resource,
      props: watched(resource.props, [], (path) =>
        reads.set(`${resource.type} ${path.join(".")}`, { type: resource.type, path }),
      ),
    })),
  );
  return [...reads.values()];
}

/** The same object, telling which of its fields are read; places in lists are left out of the paths. */
function watched<T extends object>(
  value: T,
  path: readonly string[],
  tell: (path: string[]) => void,
): T {
  return new Proxy(value, {
    get(target, name, receiver) {
      const found: unknown = Reflect.get(target, name, receiver);
      if (typeof name !== "string" || typeof found === "function") return found;
      const place = Array.isArray(target) ? [...path] : [...path, name];
      if (!Array.isArray(target)) tell(place);
      return typeof found === "object" && found !== null ? watched(found, place, tell) : found;
    },
  });
}
