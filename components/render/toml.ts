/** A value TOML can hold. */
export type TomlValue = string | number | boolean | readonly string[] | TomlTable;

/** A table; its plain values are written before its tables, as TOML wants it. */
export interface TomlTable {
  readonly [key: string]: TomlValue;
}

/** TOML text of a table. */
export function toToml(table: TomlTable): string {
  return `${lines(table, []).join("\n").trim()}\n`;
}

function lines(table: TomlTable, path: readonly string[]): string[] {
  const entries = Object.entries(table);
  const plain = entries.flatMap(([key, value]) =>
    isTable(value) ? [] : [`${name(key)} = ${literal(value)}`],
  );
  const head = path.length > 0 && plain.length > 0 ? ["", `[${path.map(name).join(".")}]`] : [];
  const tables = entries.flatMap(([key, value]) =>
    isTable(value) ? lines(value, [...path, key]) : [],
  );
  return [...head, ...plain, ...tables];
}

function isTable(value: TomlValue): value is TomlTable {
  return typeof value === "object" && !Array.isArray(value);
}

function name(key: string): string {
  return /^[A-Za-z0-9_-]+$/.test(key) ? key : JSON.stringify(key);
}

// JSON's escapes are a subset of those of a TOML basic string.
function literal(value: Exclude<TomlValue, TomlTable>): string {
  return Array.isArray(value)
    ? `[${value.map((v) => JSON.stringify(v)).join(", ")}]`
    : JSON.stringify(value);
}
