import { X509Certificate } from "node:crypto";
import { z } from "zod";

const certificates = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Whether a text is certificates in PEM, one or more, and nothing else. */
function isBundle(text: string): boolean {
  const found = text.match(certificates) ?? [];
  if (found.length === 0 || text.replace(certificates, "").trim() !== "") return false;
  try {
    found.forEach((each) => new X509Certificate(each));
    return true;
  } catch {
    return false;
  }
}

/** Certificates of authorities, as text. */
export const certificateBundle = z
  .string()
  .refine(isBundle, { error: "certificates in PEM, and nothing else" })
  .meta({ pattern: /^\s*-----BEGIN CERTIFICATE-----/.source });
