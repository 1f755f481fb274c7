import "zod";

// What a setting says of itself, in zod's own metadata (`.describe`, `.meta`): docs/settings.md and docs/stack.schema.json are made of it. Whatever else
// `.meta` has goes into the JSON Schema as it is: a pattern, say, for what only a function can check.
declare module "zod" {
  interface GlobalMeta {
    /** What holds when it is left out, in words: where that is computed, or not there at all. No full stop. */
    defaultText?: string | undefined;
    /** What a number counts, or is: `seconds`, `GiB`, `port`. */
    unit?: string | undefined;
    /** Newest release that is known: what a release that is missing is told. */
    newest?: string | undefined;
    /** What a setting that has to be set is to be set to, where its type does not say enough. */
    missing?: string | undefined;
  }
}
