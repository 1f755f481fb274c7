import { z } from "zod";

/** An object of the engine's JSON: absent and null are empty. */
const map = <T extends z.ZodType>(value: T) =>
  z
    .record(z.string(), value)
    .nullish()
    .transform((read) => read ?? {});
/** A list of the engine's JSON: absent and null are empty. */
const texts = z
  .array(z.string())
  .nullish()
  .transform((read) => read ?? []);

const stateSchema = z.object({
  urn: z.string(),
  type: z.string(),
  custom: z.boolean().nullish(),
  /** Empty before the resource is made. */
  id: z.string().nullish(),
  inputs: map(z.unknown()),
  outputs: map(z.unknown()),
  parent: z.string().nullish(),
  dependencies: texts,
  propertyDependencies: map(texts),
  deletedWith: z.string().nullish(),
  additionalSecretOutputs: texts,
  protect: z.boolean().nullish(),
});

const stepSchema = z.object({
  op: z.string(),
  urn: z.string(),
  oldState: stateSchema.nullish(),
  newState: stateSchema.nullish(),
  /** Paths of properties that differ, as the provider tells them. */
  detailedDiff: map(z.object({ kind: z.string() })),
  /** Top-level properties that differ. */
  diffReasons: texts,
  replaceReasons: texts,
});

const previewSchema = z.object({
  steps: z
    .array(stepSchema)
    .nullish()
    .transform((read) => read ?? []),
  diagnostics: z
    .array(z.object({ severity: z.string(), message: z.string(), urn: z.string().nullish() }))
    .nullish()
    .transform((read) => read ?? []),
  changeSummary: map(z.number()),
});

/** A resource as the engine has it, before or after. Secrets are `[secret]`. */
export type State = z.infer<typeof stateSchema>;
/** One step of a plan. */
export type Step = z.infer<typeof stepSchema>;
/** What `pulumi preview --json --show-sames` prints. */
export type Preview = z.infer<typeof previewSchema>;

/** A preview that cannot be judged. The message says why and what to do. */
export class PreviewError extends Error {
  override name = "PreviewError";
}

/**
 * Reads the text of `pulumi preview --json --show-sames`.
 * @throws PreviewError when it is something else, the program failed, or resources that stay are left out.
 */
export function readPreview(text: string): Preview {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new PreviewError(
      `not JSON: ${text.trim().slice(0, 200) || "it is empty"}. Give it what \`pulumi preview --json --show-sames\` prints.`,
    );
  }
  const read = previewSchema.safeParse(json);
  if (!read.success) {
    const [first] = read.error.issues;
    throw new PreviewError(
      `not a preview: ${first?.path.join(".") ?? ""}: ${first?.message ?? ""}. Give it what \`pulumi preview --json --show-sames\` prints.`,
    );
  }
  const preview = read.data;
  const failures = preview.diagnostics.filter(({ severity }) => severity === "error");
  if (failures.length > 0) {
    const said = failures.map(({ message }) => message.trim());
    const refused = said.some((message) => /marked for protection|it is protected/.test(message));
    throw new PreviewError(
      `the preview failed, so nothing can be said of the plan:\n${said.join("\n")}` +
        (refused ? "\nTo have it judged nevertheless, make it with --ignore-protect." : ""),
    );
  }
  const sames = preview.steps.filter(({ op }) => op === "same").length;
  const expected = preview.changeSummary["same"] ?? 0;
  if (sames < expected) {
    throw new PreviewError(
      `${expected} resources stay the same, but the preview shows ${sames} of them: members that stay cannot be counted. ` +
        "Make it with --show-sames.",
    );
  }
  if (preview.steps.length === 0) {
    throw new PreviewError("the preview has no steps, not even the stack itself");
  }
  return preview;
}
