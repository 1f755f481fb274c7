import { parseAllDocuments } from "yaml";

/** Documents of a YAML text by their kind. @throws when the text is no valid YAML. */
export function documentsOf(text: string): Record<string, unknown> {
  const documents = parseAllDocuments(text).map((document) => {
    const [error] = document.errors;
    if (error) throw error;
    return document.toJS() as { kind: string };
  });
  return Object.fromEntries(documents.map((document) => [document.kind, document]));
}
