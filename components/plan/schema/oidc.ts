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

const httpsUrl = z
  .url({ protocol: /^https$/, error: "an https URL" })
  .refine((url) => !/[?#@\s]/.test(url), {
    error: "an https URL with no credentials, query or fragment",
  });

/** What is put before a name that a token says. Empty = nothing. */
const prefix = z
  .string()
  .regex(/^[!-~]*$/, "printable ASCII without blanks")
  .refine((text) => !text.startsWith("system:"), {
    error: "another prefix: names that begin with system: are Kubernetes' own",
  })
  .default("oidc:");

/** Part `oidc` of the section `controlPlane`. */
export const oidc = z.strictObject({
  /** Who issues the tokens, exactly as they say it (`iss`). Apiservers ask below it how tokens are signed, so masters have to reach it, without a proxy. */
  issuerUrl: httpsUrl,
  /** Whom tokens have to be issued for (`aud`). */
  clientId: z.string().min(1),
  /** Claim that is the user's name. With `email` an address that the token says is not verified is refused. */
  usernameClaim: z.string().min(1).default("sub"),
  /** Put before the name of each user. */
  usernamePrefix: prefix,
  /** Claim that has the user's groups. @default users have none */
  groupsClaim: z.string().min(1).optional(),
  /** Put before the name of each group. */
  groupsPrefix: prefix,
  /** Certificates in PEM that the issuer's TLS is checked against. @default those of the apiserver's image, the public ones */
  certificateAuthority: z
    .string()
    .refine(isBundle, { error: "certificates in PEM, and nothing else" })
    .optional(),
});

/** Who logs in by OpenID Connect, as configured. */
export type Oidc = z.output<typeof oidc>;
