import { z } from "zod";
import { certificateBundle } from "../values/certificates";

const httpsUrl = z
  .url({ protocol: /^https$/, error: "an https URL" })
  .refine((url) => !/[?#@\s]/.test(url), {
    error: "an https URL with no credentials, query or fragment",
  })
  .meta({ pattern: /^https:[^?#@\s]+$/.source });

/** What is put before a name that a token says. Empty = nothing. */
const prefix = z
  .string()
  .regex(/^[!-~]*$/, "printable ASCII without blanks")
  .refine((text) => !text.startsWith("system:"), {
    error: "another prefix: names that begin with system: are Kubernetes' own",
  })
  .default("oidc:");

const word = z.string().regex(/^[!-~]+$/, "printable ASCII without blanks");

/** Part `oidc` of the section `controlPlane`. */
export const oidc = z.strictObject({
  issuerUrl: httpsUrl.describe(
    "Who issues the tokens, exactly as they say it (`iss`). Apiservers ask below it how tokens are signed, so masters have to reach it, without a proxy.",
  ),
  clientId: word.describe("Whom tokens have to be issued for (`aud`)."),
  usernameClaim: word
    .default("sub")
    .describe(
      "Claim that is the user's name. With `email` an address that the token says is not verified is refused.",
    ),
  usernamePrefix: prefix.describe("Put before the name of each user."),
  groupsClaim: word.optional().meta({
    description: "Claim that has the user's groups.",
    defaultText: "users have none",
  }),
  groupsPrefix: prefix.describe("Put before the name of each group."),
  certificateAuthority: certificateBundle.optional().meta({
    description: "Certificates in PEM that the issuer's TLS is checked against.",
    defaultText: "those of the apiserver's image, the public ones",
  }),
});

/** Who logs in by OpenID Connect, as configured. */
export type Oidc = z.output<typeof oidc>;
