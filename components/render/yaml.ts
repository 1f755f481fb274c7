import { stringify } from "yaml";

/** YAML text of one or more documents. Keys stay in the order given, lines are never folded. */
export function toYaml(...documents: readonly object[]): string {
  return documents
    .map((document) => stringify(document, { lineWidth: 0, aliasDuplicateObjects: false }))
    .join("---\n");
}
