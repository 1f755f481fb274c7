import { type SettingChange, settingChanges } from "../../components/plan/changes";
import { clusterSettings, type SettingSchema } from "./jsonSchema";

/** The kinds by which a setting is there, outermost first: `kind: vip`, `on: masters`. */
type Branch = readonly string[];

/** A setting, or a group of some. */
export interface Setting {
  /** As docs/configuration.md has it: `workers[].pool`. */
  path: string;
  branch: Branch;
  schema: SettingSchema;
  /** Whether whatever it is in cannot be without it. */
  required: boolean;
}

/** Every setting of a schema, and every group of some, in its order; one of several kinds has as many. */
export function settingsOf(schema: SettingSchema, path = "", branch: Branch = []): Setting[] {
  const { properties = {}, required = [], items } = schema;
  const kinds = Object.entries(properties).flatMap(([key, each]) =>
    each.const === undefined ? [] : [`${key}: ${each.const}`],
  );
  return [
    ...(schema.oneOf ?? schema.anyOf ?? []).flatMap((each) => settingsOf(each, path, branch)),
    ...(items === undefined ? [] : settingsOf(items, `${path}[]`, branch)),
    ...Object.entries(properties).flatMap(([key, each]) => {
      const at = path === "" ? key : `${path}.${key}`;
      const own = kinds.indexOf(`${key}: ${each.const}`);
      const within = [...branch, ...(own < 0 ? kinds : kinds.slice(0, own))];
      const setting = { path: at, branch: within, schema: each, required: required.includes(key) };
      return [setting, ...settingsOf(each, at, within)];
    }),
  ];
}

/** The reference of every setting, in Markdown. */
export function renderSettings(): string {
  const all = settingsOf(clusterSettings());
  const tops = all.filter(({ path }) => !/[.[]/.test(path));
  const inside = ({ path: top }: Setting) =>
    all.filter(({ path }) => path.startsWith(`${top}.`) || path.startsWith(`${top}[]`));
  const alone = tops.filter((top) => inside(top).length === 0);
  const groups = tops.filter((top) => inside(top).length > 0);
  return [
    `# Settings

<!-- Generated from components/plan/schema.ts by \`npx tsx operations/configurationDocs.ts\`; a test tells when it is out of date. -->

What may be written below \`tencentcloud-kubernetes-ha:cluster\` of a stack's configuration: [Pulumi.prod.yaml](../Pulumi.prod.yaml) is one. Two more stand beside it, in [Pulumi.yaml](../Pulumi.yaml), and \`registryLogins\` ([how](mirror.md#upstream)) and \`registryPasswords\` ([how](registry.md#harbor)), which are secret. Rules between settings (a quorum, ranges that overlap) are said by \`pulumi up\`, all at once, before anything is made.
What a change of each does to a living cluster is here, and at a glance in [configuration.md](configuration.md).

Editors with the YAML language server know the same by [stack.schema.json](stack.schema.json), which the first line of the stack's file names: they complete, explain and check.

\`[]\` is each entry of a list. A whole section may be left out when no setting in it is required.`,
    "## The cluster as a whole",
    ...alone.map((top) => entryOf("###", [top], [])),
    ...groups.flatMap((top) => {
      const own = inside(top);
      const branches = unique(own.map(({ branch }) => branch));
      const leaves = branches.filter(
        (one) => !branches.some((other) => other.length > one.length && startsWith(other, one)),
      );
      const paths = unique(own.map(({ path }) => path));
      return [
        entryOf("##", [top], []),
        ...paths.map((path) =>
          entryOf(
            "###",
            own.filter((each) => each.path === path),
            leaves,
          ),
        ),
      ];
    }),
  ]
    .join("\n\n")
    .concat("\n");
}

/** The entry of a path: what it is, in each kind that has it. @param kinds all there are in its section */
function entryOf(heading: string, settings: readonly Setting[], kinds: readonly Branch[]): string {
  const [first] = settings;
  if (first === undefined) throw new Error("an entry is of a setting");
  const { path } = first;
  const variants = unique(settings.map(factsOf)).map((facts) => {
    const alike = settings.filter(
      (each) => JSON.stringify(factsOf(each)) === JSON.stringify(facts),
    );
    const where = whereOf(
      alike.map(({ branch }) => branch),
      kinds,
    );
    return { ...facts, where };
  });
  const [only, ...others] = variants;
  const change = settingChanges[path];
  const changed =
    change === undefined ? [] : [`A change ${effects[change.effect]}: ${change.how}.`];
  const parts =
    only !== undefined && others.length === 0
      ? [
          `${only.where === "" ? "" : `Only with ${only.where}. `}${only.meaning}`,
          [...only.values, ...changed].map((line) => `- ${line}`).join("\n"),
        ]
      : [
          variants
            .map(({ meaning, values, where }) =>
              ["-", where === "" ? [] : `With ${where}:`, meaning, ...values].flat().join(" "),
            )
            .join("\n"),
          ...changed,
        ];
  return [`${heading} \`${path}\``, ...parts.filter((part) => part !== "")].join("\n\n");
}

const effects: Readonly<Record<SettingChange["effect"], string>> = {
  applied: "is applied",
  "new hosts": "is for new hosts only",
  replaced: "**replaces hosts**",
  refused: "is **refused**",
};

/** What a setting is; what may be written, and what holds when nothing is. */
function factsOf({ schema, required }: Setting): { meaning: string; values: string[] } {
  const { description = "", propertyNames, additionalProperties, newest } = schema;
  const value = schema.const === undefined ? phraseOf(schema) : undefined;
  const sentences = [
    value === undefined ? [] : `Value: ${value}.`,
    defaultOf(schema, required) ?? [],
    newest === undefined ? [] : `Newest known: \`${newest}\`.`,
  ].flat();
  return {
    meaning: description,
    values: [
      ...(sentences.length === 0 ? [] : [sentences.join(" ")]),
      ...(propertyNames ? [`Each name: ${phraseOf(propertyNames)}.`] : []),
      ...eachValue(additionalProperties),
    ],
  };
}

/** What a value of any name may be, where something is said of it. */
function eachValue(schema: SettingSchema | false | undefined): string[] {
  const phrase = schema ? phraseOf(schema) : undefined;
  return phrase === undefined ? [] : [`Each value: ${phrase}.`];
}

/** What may be written; undefined for what its own settings say. */
function phraseOf(schema: SettingSchema): string | undefined {
  const { enum: values, anyOf, items, minItems, form } = schema;
  if (values !== undefined) return `one of ${values.map((value) => `\`${value}\``).join(", ")}`;
  if (anyOf !== undefined)
    return anyOf.map((each) => phraseOf(each) ?? "an object of these settings").join(", or ");
  if (schema.type === "boolean") return "`true` or `false`";
  if (schema.type === "integer") return numberOf(schema);
  if (schema.type === "string") return textOf(schema);
  if (items !== undefined) {
    const list = minItems === undefined ? "a list" : `a list of ${minItems} or more`;
    const each = phraseOf(items);
    return each === undefined ? `${list}, with these settings for each` : `${list}, each ${each}`;
  }
  if (schema.propertyNames !== undefined)
    return `names and values${form === undefined ? "" : `; ${form}`}`;
  return undefined;
}

function numberOf({ unit, minimum, maximum, multipleOf }: SettingSchema): string {
  const range = maximum === undefined ? `${minimum} or more` : `${minimum} to ${maximum}`;
  const steps = multipleOf === undefined ? "" : `, a multiple of ${multipleOf}`;
  return `a whole number (${unit}), ${range}${steps}`;
}

function textOf({ form = "a text", maxLength }: SettingSchema): string {
  const said = maxLength === undefined || form.includes(String(maxLength));
  // Not a tag of HTML.
  const text = form.replaceAll("<", "\\<");
  return said ? text : `${text}; at most ${maxLength} characters`;
}

function defaultOf(schema: SettingSchema, required: boolean): string | undefined {
  if (schema.defaultText !== undefined) return `Default: ${schema.defaultText}.`;
  // One of several, each with its own words.
  if (schema.const !== undefined) return schema.default === undefined ? undefined : "The default.";
  if (required) return "Required.";
  // A group is what its settings are.
  if (schema.properties !== undefined || schema.oneOf !== undefined) return undefined;
  return `Default: ${valueOf(schema.default)}.`;
}

function valueOf(value: unknown): string {
  if (typeof value === "object" && value !== null) {
    const parts = Object.values(value).map(valueOf);
    return parts.length === 0 ? "none" : parts.join(", ");
  }
  return `\`${String(value)}\``;
}

/** With which kinds, of all there are; nothing for all of them. */
function whereOf(branches: readonly Branch[], kinds: readonly Branch[]): string {
  if (branches.length === kinds.length) return "";
  const outer = unique(branches.map((branch) => branch.slice(0, 1)));
  return outer
    .flatMap((first) => {
      const [some, every] = [branches, kinds].map((of) =>
        of.filter((one) => startsWith(one, first)),
      );
      return some?.length === every?.length ? [first] : (some ?? []);
    })
    .map((branch) => branch.map((kind) => `\`${kind}\``).join(" and "))
    .filter((kind) => kind !== "")
    .join(" or ");
}

function startsWith(branch: Branch, beginning: Branch): boolean {
  return beginning.every((kind, at) => branch[at] === kind);
}

function unique<T>(values: readonly T[]): T[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}
