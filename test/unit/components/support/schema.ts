import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A field of a Terraform resource, as the provider's schema has it. */
export interface Field {
  type: string;
  Required: boolean;
  Computed: boolean;
  ForceNew: boolean;
  Sensitive: boolean;
  /** Of a block. */
  Fields?: Fields;
}
export type Fields = Record<string, Field>;

const file = join(__dirname, "../../../data/provider-1.83.25/schema.json");
const resources = JSON.parse(readFileSync(file, "utf8")) as Record<string, Fields | null>;

/** Fields of a resource in the newest provider. @param type Pulumi's type, `tencentcloud:index/haVip:HaVip`. @throws when it has none such. */
export function fieldsOf(type: string): Fields {
  const noun = /^tencentcloud:index\/(\w+):/.exec(type)?.[1];
  const fields = noun === undefined ? undefined : resources[`tencentcloud_${snake(noun)}`];
  if (fields === undefined || fields === null) throw new Error(`no schema of ${type}`);
  return fields;
}

/** Name of the field that the bridge calls `property`, undefined when there is none. It gives lists a plural. */
export function fieldName(fields: Fields, property: string): string | undefined {
  const name = snake(property);
  const names = [name, name.replace(/s$/, ""), name.replace(/es$/, "")];
  return names.find((each) => Object.hasOwn(fields, each));
}

/** Paths of what is set and is no field. */
export function unknownPaths(fields: Fields, set: object, at = ""): string[] {
  return Object.entries(set).flatMap(([property, value]) => {
    if (value === undefined) return [];
    const name = fieldName(fields, property);
    if (name === undefined) return [`${at}${property}`];
    const inner = fields[name]?.Fields;
    return inner === undefined
      ? []
      : [value].flat().flatMap((each) => unknownPaths(inner, each as object, `${at}${property}.`));
  });
}

/** `userDataRaw` of `user_data_raw`. */
export function camel(name: string): string {
  return name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function snake(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
