/** Properties of a resource, as the engine has them. */
export type Props = Readonly<Record<string, unknown>>;

/** What the engine puts in place of a value that is known only after the update, by the type of the value. */
const unknowns: ReadonlySet<unknown> = new Set([
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

/** Whether a value is known only after the update. */
export function isUnknown(value: unknown): boolean {
  return unknowns.has(value);
}

/** A text that is there and known; undefined for anything else. */
export function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" && !isUnknown(value) ? value : undefined;
}

/** A number that is known. */
export function number(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

/** Entries of a list; none of anything else. */
export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}

/** Fields of an object; none of anything else. */
export function object(value: unknown): Props {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Props)
    : {};
}
