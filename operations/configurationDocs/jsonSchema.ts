import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { clusterSchema } from "../../components/plan/config";

/** The JSON Schema of a setting as zod makes it, with what the setting says of itself beside the keywords. */
export interface SettingSchema {
  description?: string;
  /** What holds when it is left out, in words. */
  defaultText?: string;
  /** What a number counts, or is. */
  unit?: string;
  /** Newest release that is known. */
  newest?: string;
  /** What a text or a record has to be, in the words that a wrong one is answered with. */
  form?: string;
  default?: unknown;
  type?: string;
  const?: string;
  enum?: readonly string[];
  pattern?: string;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  multipleOf?: number;
  items?: SettingSchema;
  minItems?: number;
  properties?: Readonly<Record<string, SettingSchema>>;
  required?: readonly string[];
  propertyNames?: SettingSchema;
  additionalProperties?: SettingSchema | false;
  maxProperties?: number;
  anyOf?: readonly SettingSchema[];
  oneOf?: readonly SettingSchema[];
}

/** The cluster's configuration, as it may be written. */
export function clusterSettings(): SettingSchema {
  return z.toJSONSchema(clusterSchema, {
    io: "input",
    override: ({ zodSchema, jsonSchema }) => {
      const form = formOf(zodSchema);
      if (form !== undefined) jsonSchema["form"] = form;
      // What zod says of every whole number.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  }) as SettingSchema;
}

/** What the checks of a schema answer with, those that have words of their own. */
function formOf(schema: z.core.$ZodType): string | undefined {
  const messages = (schema._zod.def.checks ?? []).flatMap((check) => {
    // Ours are texts, which zod makes functions that look at nothing.
    const message = (check._zod.def.error as (() => unknown) | undefined)?.();
    return typeof message === "string" ? [message] : [];
  });
  return messages.length === 0 ? undefined : messages.join("; ");
}

/** The project, as far as it has settings: in the words of JSON Schema, as it happens. */
interface Project {
  name: string;
  config: Record<string, { type: string; default?: unknown; description?: string }>;
}

/** The JSON Schema of a stack's configuration file, `Pulumi.<stack>.yaml`. */
export function stackSchema(): object {
  const file = join(__dirname, "../../Pulumi.yaml");
  const project = parse(readFileSync(file, "utf8")) as Project;
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $comment:
      "Generated from Pulumi.yaml and components/plan/schema.ts by `npx tsx operations/configurationDocs.ts`; a test tells when it is out of date.",
    title: "Configuration of a stack (Pulumi.<stack>.yaml) with a cluster",
    type: "object",
    properties: {
      config: {
        description: "Settings of the stack: of the cluster, of providers, of others.",
        type: "object",
        properties: {
          ...project.config,
          [`${project.name}:registryLogins`]: {
            type: "object",
            description:
              "Logins to container registries for what pods run, by registry: `username`, and `password`, which is secret. docs/mirror.md says how to set them.",
          },
          [`${project.name}:registryPasswords`]: {
            type: "object",
            description:
              "Passwords of what a registry of kind `harbor` keeps its data in: `database`, and `redis` if that has one; both are secret. docs/registry.md says how to set them.",
          },
          [`${project.name}:cluster`]: {
            ...plain(clusterSettings()),
            description:
              "The cluster. What may be written is checked as a whole by `pulumi up`, which says more than can be said here.",
          },
        },
      },
    },
  };
}

/** In the keywords of JSON Schema, and in `errorMessage`, which editors show in the place of a pattern. */
function plain(schema: SettingSchema): object {
  const { description, defaultText, newest, form, properties, additionalProperties } = schema;
  const { items, propertyNames, anyOf, oneOf } = schema;
  return defined({
    ...schema,
    ...{
      $schema: undefined,
      defaultText: undefined,
      unit: undefined,
      newest: undefined,
      missing: undefined,
    },
    description:
      defaultText === undefined ? description : `${description} Default: ${defaultText}.`,
    examples: newest && [newest],
    form: undefined,
    errorMessage: form && `Use ${form}.`,
    properties:
      properties &&
      Object.fromEntries(Object.entries(properties).map(([key, each]) => [key, plain(each)])),
    items: items && plain(items),
    propertyNames: propertyNames && plain(propertyNames),
    additionalProperties: additionalProperties && plain(additionalProperties),
    anyOf: anyOf?.map(plain),
    oneOf: oneOf?.map(plain),
  });
}

function defined(object: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}
