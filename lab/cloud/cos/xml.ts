import { XMLBuilder, XMLParser, XMLValidator } from "fast-xml-parser";

import { CosError } from "./errors";

const parser = new XMLParser({
  ignoreAttributes: false,
  parseTagValue: false,
  ignoreDeclaration: true,
  // Only what may stand several times is a list, whatever its number.
  isArray: (name) => ["Object", "Part", "Grant", "Tag", "Rule"].includes(name),
});
// eslint-disable-next-line @typescript-eslint/no-deprecated -- what it is to be replaced with is the same code in a package of its own
const builder = new XMLBuilder({ ignoreAttributes: false, suppressEmptyNode: false });

export type Xml = {
  [name: string]: string | number | boolean | Xml | (Xml | string)[] | undefined;
};

/** A document with one root; a list repeats its element, `@_name` is an attribute. */
export function writeXml(document: Xml): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${builder.build(document)}`;
}

/**
 * Reads a document whose root is `root`.
 * @returns What the root holds; an empty object when it holds nothing.
 * @throws CosError `MalformedXML`
 */
export function readXml(text: string, root: string): Xml {
  const problem = XMLValidator.validate(text);
  const parsed = problem === true ? (parser.parse(text) as Record<string, unknown>) : {};
  if (!(root in parsed)) {
    const found = Object.keys(parsed).join(", ") || "no XML";
    throw new CosError(
      400,
      "MalformedXML",
      `The body must be a <${root}> document; it is ${found}.`,
    );
  }
  const content = parsed[root];
  return typeof content === "object" && content !== null ? (content as Xml) : {};
}
