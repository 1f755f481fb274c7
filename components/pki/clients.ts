import type { CertificateAndKey, ClientRequest } from "./authority";

/** @throws when the provider gave no time. */
export function dateOf(createTime: string, node: string): Date {
  const date = new Date(createTime);
  if (Number.isNaN(date.getTime()))
    throw new Error(`${node}: createTime of its instance is "${createTime}", no time`);
  return date;
}

/** A client certificate to ask for. */
export function client(
  authority: CertificateAndKey,
  commonName: string,
  organizations: string[],
  validDays: number,
): ClientRequest {
  return { authority, commonName, organizations, days: validDays };
}
