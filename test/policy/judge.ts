import {
  type PolicyResource,
  type ResourceValidationPolicy,
  type StackValidationArgs,
  type StackValidationPolicy,
  unknownCheckingProxy,
  UnknownValueError,
} from "@pulumi/policy";

/** What a preview has in place of a text it does not know yet: the engine's own mark. */
export const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** A resource of a stack, as a test writes it. */
export interface FixtureResource {
  type: string;
  name: string;
  props: Record<string, unknown>;
  /** Inputs that come from other resources, by those resources' names. */
  from?: Record<string, string[]>;
}

/** What a policy said: its messages, or that it could not decide before the update. */
export type Verdict = string[] | "cannot decide yet";

// The SDK exports it, but strips it from its types.
const guarded = unknownCheckingProxy as (props: object) => Record<string, unknown>;

const options = {
  protect: false,
  ignoreChanges: [],
  aliases: [],
  customTimeouts: { createSeconds: 0, updateSeconds: 0, deleteSeconds: 0 },
  additionalSecretOutputs: [],
};

const common = {
  isType: () => false,
  asType: () => undefined,
};

/** The SDK lets a policy say what its configuration is; nothing checks it. */
const configOf = (config: object) => (() => config) as StackValidationArgs["getConfig"];

/** Puts one resource before a resource policy. */
export async function judgeResource(
  policy: ResourceValidationPolicy,
  { type, name, props }: FixtureResource,
): Promise<Verdict> {
  const validate = policy.validateResource;
  if (typeof validate !== "function") throw new Error(`${policy.name} has no one function`);
  return verdict((report) =>
    validate(
      {
        ...common,
        type,
        name,
        urn: name,
        props: guarded(props),
        opts: options,
        stackTags: new Map(),
        getConfig: configOf({}),
        notApplicable: (): never => {
          throw new Error("not expected");
        },
      },
      report,
    ),
  );
}

/** Puts a whole stack before a stack policy. */
export async function judgeStack(
  policy: StackValidationPolicy,
  fixtures: readonly FixtureResource[],
  config: object = {},
): Promise<Verdict> {
  const resources: PolicyResource[] = fixtures.map(({ type, name, props }) => ({
    ...common,
    type,
    name,
    urn: name,
    props: guarded(props),
    opts: options,
    dependencies: [],
    propertyDependencies: {},
  }));
  fixtures.forEach(({ from = {} }, index) => {
    const resource = resources[index];
    for (const [input, names] of Object.entries(from)) {
      const sources = resources.filter((candidate) => names.includes(candidate.name));
      resource?.dependencies.push(...sources);
      if (resource) resource.propertyDependencies[input] = sources;
    }
  });
  return verdict((report) =>
    policy.validateStack(
      {
        resources,
        stackTags: new Map(),
        getConfig: configOf(config),
        notApplicable: (): never => {
          throw new Error("not expected");
        },
      },
      report,
    ),
  );
}

async function verdict(
  run: (report: (message: string, urn?: string) => void) => void | Promise<void>,
): Promise<Verdict> {
  const messages: string[] = [];
  try {
    await run((message, urn) => messages.push(urn === undefined ? message : `${urn}: ${message}`));
  } catch (error) {
    // As the server does: a mandatory policy that touches what is not known says so and passes the preview.
    if (error instanceof UnknownValueError) return "cannot decide yet";
    throw error;
  }
  return messages;
}
