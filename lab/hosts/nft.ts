/** Text of nft scripts. */

/** An anonymous set; each element once. */
export const set = (elements: string[]): string => `{ ${[...new Set(elements)].join(", ")} }`;
/** Name of an interface. */
export const quoted = (name: string): string => `"${name}"`;

/** Lines of a named set. */
export function namedSet(name: string, type: string, elements: string[], flags?: string): string[] {
  return [
    `  set ${name} {`,
    `    type ${type}`,
    ...(flags === undefined ? [] : [`    flags ${flags}`]),
    ...(elements.length > 0 ? [`    elements = ${set(elements)}`] : []),
    "  }",
  ];
}

/** Lines of a chain. */
export function nftChain(name: string, body: string[]): string[] {
  return [`  chain ${name} {`, ...body.map((line) => `    ${line}`), "  }"];
}

/** A table that takes the place of the one of its name, in the transaction that loads it. */
export function replacedTable(family: "ip" | "bridge", name: string, body: string[]): string {
  const table = `table ${family} ${name}`;
  return [table, `delete ${table}`, `${table} {`, ...body, "}", ""].join("\n");
}
