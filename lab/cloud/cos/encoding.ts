/** Percent-encodes all but letters, digits and `-_.~`, as both kinds of signature want it. */
export function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** The decoded pairs of a query in the order they came. A plus sign is a space, as in forms. */
export function parseQuery(query: string): [string, string][] {
  return [...new URLSearchParams(query)];
}
