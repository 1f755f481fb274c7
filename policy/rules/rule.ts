import { type Resource, Stack } from "../facts/stack";

/** What a violation does: `mandatory` denies the change, `advisory` warns, `disabled` does not look. */
export type Level = "mandatory" | "advisory" | "disabled";

export const areas = [
  "quorum",
  "placement",
  "entry",
  "registry",
  "network",
  "data",
  "cluster",
] as const;
export type Area = (typeof areas)[number];

/** One thing that is wrong. */
export interface Finding {
  /** What is wrong: the value got, and what is allowed. */
  message: string;
  /** What to change. @default the rule's own */
  fix?: string;
  /** Resource it is about. @default the stack as a whole */
  urn?: string;
  /** The rule could not decide; the message says what it would have to know. A mandatory rule denies what it cannot judge. */
  undecided?: true;
}

/** A parameter of a rule, in JSON Schema. */
export interface Parameter {
  type: "boolean" | "integer" | "array";
  description: string;
  default: unknown;
  minimum?: number;
  items?: { type: "string" };
}

/** A rule: a pure function over the resources of a stack. */
export interface Rule<P extends object = object> {
  /** `<area>-<what it holds to>`; the policy's name. */
  id: `${Area}-${string}`;
  /** One sentence: what holds. */
  description: string;
  /** What a violation does unless configured otherwise. */
  level: Level;
  /** What breaks without it. */
  why: string;
  /** Where that is known from. */
  source: string;
  /** What to change, in general. */
  fix: string;
  /**
   * `resource`: looks at one resource at a time, so a wrong one is denied before it is made, also without a preview.
   * `stack`: looks at all of them together, at the end of a preview.
   */
  scope: "resource" | "stack";
  /** Parameters. @default none */
  parameters?: Readonly<Record<keyof P & string, Parameter>>;
  judge(stack: Stack, parameters: P): Finding[];
}

/** A finding, and the rule it breaks. */
export interface Violation extends Finding {
  rule: string;
  level: Exclude<Level, "disabled">;
  fix: string;
}

/** Levels and parameters by rule id, as a policy pack's configuration file has them. */
export type RuleConfig = Readonly<Record<string, Level | RuleSettings>>;

/** Level and parameters of one rule. */
export type RuleSettings = Readonly<{ enforcementLevel?: Level } & Record<string, unknown>>;

/** Parameters of a rule: those given, defaults for the rest. */
export function parametersOf(rule: Rule, given: Readonly<Record<string, unknown>>): object {
  const parameters: [string, Parameter][] = Object.entries(rule.parameters ?? {});
  return Object.fromEntries(
    parameters.map(([name, parameter]) => [name, given[name] ?? parameter.default]),
  );
}

/** What rules find in a stack. */
export function judge(
  rules: readonly Rule[],
  resources: readonly Resource[],
  config: RuleConfig = {},
): Violation[] {
  const stack = new Stack(resources);
  return rules.flatMap((rule) => {
    const entry = config[rule.id] ?? {};
    const settings: RuleSettings = typeof entry === "string" ? { enforcementLevel: entry } : entry;
    const level = settings.enforcementLevel ?? rule.level;
    if (level === "disabled") return [];
    return rule
      .judge(stack, parametersOf(rule, settings))
      .map((finding) => ({ fix: rule.fix, ...finding, rule: rule.id, level }));
  });
}

/** A finding in one line, as people read it. */
export function sentence(finding: Pick<Violation, "message" | "fix" | "undecided">): string {
  const { message, fix, undecided } = finding;
  return `${undecided ? "cannot decide: " : ""}${message}. ${fix}.`;
}
