/** An ISO 8601 instant as the services cam and privatedns write it: `YYYY-MM-DD hh:mm:ss`, China Standard Time. */
export function localTime(iso: string): string {
  const china = new Date(Date.parse(iso) + 8 * 60 * 60 * 1000);
  return china.toISOString().slice(0, 19).replace("T", " ");
}
