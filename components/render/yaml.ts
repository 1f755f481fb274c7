import { stringify } from "yaml";

/**
 * YAML text of one or more documents. Keys stay in the order given, lines are never folded. Texts such as `yes` are quoted:
 * Kubernetes reads YAML 1.1, in which they are booleans.
 */
export function toYaml(...documents: readonly object[]): string {
  return documents
    .map((document) =>
      stringify(document, { lineWidth: 0, aliasDuplicateObjects: false, compat: "yaml-1.1" }),
    )
    .join("---\n");
}
