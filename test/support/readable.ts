import { gunzipSync, inflateSync } from "node:zlib";

/** A text that somebody who has a value can read, and how: `resources[3].outputs.userData, base64`. */
export interface Readable {
  where: string;
  text: string;
}

/** Encodings within one another that are opened: a compressed cloud-config in base64, in JSON, in a step's input are four. */
const deepest = 8;

/** Shorter runs hold no key. */
const base64Run = /[A-Za-z0-9+/_-]{16,}={0,2}/g;

/**
 * Every text that can be read in a value without a key: its strings, names of fields among them, and what is in those as JSON,
 * base64 (of either alphabet, also in the middle of a text or wrapped), gzip or zlib, in one another.
 */
export function readable(value: unknown): Readable[] {
  return [...within(value, "", deepest)];
}

function* within(value: unknown, where: string, depth: number): Generator<Readable> {
  if (typeof value === "string") yield* inText(value, where, depth);
  else if (Array.isArray(value))
    for (const [index, each] of value.entries()) yield* within(each, `${where}[${index}]`, depth);
  else if (typeof value === "object" && value !== null)
    for (const [key, each] of Object.entries(value)) {
      const at = where === "" ? key : `${where}.${key}`;
      yield* inText(key, `name of ${at}`, depth);
      yield* within(each, at, depth);
    }
}

function* inText(text: string, where: string, depth: number): Generator<Readable> {
  yield { where, text };
  if (depth === 0) return;
  const json = parsed(text);
  if (json !== undefined) yield* within(json, `${where}, JSON`, depth - 1);
  for (const run of runs(text))
    // In the middle of a text it need not begin where the run of its letters does.
    for (let skip = 0; skip < 4; skip += 1) {
      const bytes = Buffer.from(run.slice(skip), "base64");
      yield* inBytes(bytes, `${where}, base64`, depth - 1);
    }
}

function* inBytes(bytes: Buffer, where: string, depth: number): Generator<Readable> {
  const unpacked = unpack(bytes);
  if (unpacked !== undefined) yield* inBytes(unpacked, `${where}, compressed`, depth - 1);
  // Noise has no text in it: neither ciphertext nor what was decoded at a wrong place goes on.
  const text = bytes.toString("latin1");
  if (depth >= 0 && /[\t\n\r -~]{12}/.test(text)) yield* inText(text, where, depth);
}

function runs(text: string): Set<string> {
  const unwrapped = text.replaceAll(/\r?\n[ \t]*/g, "");
  return new Set([text, unwrapped].flatMap((each) => each.match(base64Run) ?? []));
}

function parsed(text: string): unknown {
  if (!/^\s*["[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unpack(bytes: Buffer): Buffer | undefined {
  try {
    if (bytes[0] === 0x1f && bytes[1] === 0x8b) return gunzipSync(bytes);
    if (bytes[0] === 0x78) return inflateSync(bytes);
  } catch {
    // Only looks like it.
  }
  return undefined;
}

/** Texts that are secret whatever they belong to. */
const secretTexts =
  /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----|\bclient-key-data: *\S|\btoken: *\S{6}/;

/**
 * Where secrets can be read in a value.
 * @param known Secrets that nothing tells but their text: encryption keys, passphrases, tokens.
 */
export function secretsIn(value: unknown, known: readonly string[] = []): string[] {
  const found = readable(value).filter(
    ({ text }) => secretTexts.test(text) || known.some((secret) => text.includes(secret)),
  );
  return [...new Set(found.map(({ where }) => where))];
}
