import { z } from "zod";

/** A resource as the engine's state holds it. Fields that are not named here are carried along untouched. */
const resourceSchema = z.looseObject({
  urn: z.string(),
  type: z.string(),
  id: z.string().optional(),
  custom: z.boolean().optional(),
  inputs: z.record(z.string(), z.unknown()).optional(),
  /** Deleted, and its successor still to come. */
  pendingReplacement: z.boolean().optional(),
});

const operationSchema = z.looseObject({ resource: resourceSchema, type: z.string() });

const exportSchema = z.looseObject({
  version: z.union([z.literal(3), z.literal(4)]),
  deployment: z.looseObject({
    resources: z.array(resourceSchema).optional(),
    pending_operations: z.array(operationSchema).optional(),
  }),
});

/** What `pulumi stack export` writes and `pulumi stack import` takes; secrets stay encrypted in it. */
export type StackExport = z.infer<typeof exportSchema>;
export type StateResource = z.infer<typeof resourceSchema>;
/** Something that the engine was doing when it last saved its state. */
export type PendingOperation = z.infer<typeof operationSchema>;

/** @throws ZodError when the text is not an exported stack of a version we know. */
export function parseStackExport(text: string): StackExport {
  return exportSchema.parse(JSON.parse(text));
}

export function pendingOperations({ deployment }: StackExport): PendingOperation[] {
  return deployment.pending_operations ?? [];
}

/** Ids of all that a state knows. */
export function knownIds({ deployment }: StackExport): string[] {
  return (deployment.resources ?? []).flatMap(({ id }) => (id === undefined ? [] : [id]));
}
