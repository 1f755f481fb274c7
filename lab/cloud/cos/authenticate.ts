import { timingSafeEqual } from "node:crypto";

import type { Credential } from "../signature";
import { awsClaim } from "./awsSignature";
import { cosClaim } from "./cosSignature";
import { CosError } from "./errors";
import type { SignedRequest } from "./signedRequest";

/** Who sent a request, and in which dialect: it decides the prefix of the headers of the answer. */
export interface Caller {
  dialect: "amz" | "cos";
  /** undefined = anonymous: only what is public may be read. */
  credential: Credential | undefined;
}

/**
 * Verifies a signature of either kind.
 * @param credentialOf Keys that are good now, by their id: the account's own, and temporary ones of roles.
 * @throws CosError `InvalidAccessKeyId`, `SignatureDoesNotMatch`, `InvalidToken`, or what the form of the signature calls for.
 */
export function authenticate(
  request: SignedRequest,
  credentialOf: (secretId: string) => Credential | undefined,
  now: Date,
): Caller {
  const authorization = request.headers["authorization"];
  const inQuery = request.query.some(([name]) => name === "q-signature");
  if (authorization === undefined && !inQuery) {
    return { dialect: "cos", credential: undefined };
  }
  const dialect = authorization?.startsWith("AWS4-") ? "amz" : "cos";
  const claim = dialect === "amz" ? awsClaim(request, now) : cosClaim(request, now);
  const credential = credentialOf(claim.secretId);
  if (!credential) {
    throw new CosError(403, "InvalidAccessKeyId", `There is no access key '${claim.secretId}'.`);
  }
  const expected = Buffer.from(claim.expected(credential.secretKey));
  const given = Buffer.from(claim.signature);
  if (expected.length !== given.length || !timingSafeEqual(expected, given)) {
    throw new CosError(403, "SignatureDoesNotMatch", "The signature does not match the request.");
  }
  if (credential.token !== undefined && credential.token !== claim.token) {
    throw new CosError(403, "InvalidToken", "The session token is wrong or missing.");
  }
  return { dialect, credential };
}
