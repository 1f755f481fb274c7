/** `npx tsx operations/configurationDocs.ts`: writes what is made of the configuration's schema. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { renderChanges } from "./configurationDocs/changes";
import { stackSchema } from "./configurationDocs/jsonSchema";
import { renderSettings } from "./configurationDocs/settings";

/** The files that are made, by their path in the checkout. */
export function configurationDocs(): Record<string, string> {
  return {
    "docs/settings.md": renderSettings(),
    "docs/configuration.md": renderChanges(),
    "docs/stack.schema.json": `${JSON.stringify(stackSchema(), undefined, 2)}\n`,
  };
}

if (require.main === module) {
  for (const [file, text] of Object.entries(configurationDocs()))
    writeFileSync(join(__dirname, "..", file), text);
}
