/** The parts of a request that signatures of the object storage cover. */
export interface SignedRequest {
  method: string;
  /** As received, percent-encoded. */
  path: string;
  /** Decoded pairs. */
  query: [string, string][];
  /** Names in lower case; values as received. */
  headers: Record<string, string | undefined>;
}

/** A signature that was found in a request, checked for form but not for truth. */
export interface Claim {
  secretId: string;
  /** The session token that came along, if one did. */
  token: string | undefined;
  /** What the signature must be if `secretKey` made it. */
  expected: (secretKey: string) => string;
  /** What it is. Hexadecimal. */
  signature: string;
}
