import { createPrivateKey, createPublicKey } from "node:crypto";
import { bech32 } from "./bech32";
import { deriveBytes } from "./derivedBytes";

/** A key of age (https://age-encryption.org/v1): who has its recipient seals files that only its identity opens. */
export interface AgeKey {
  /** `age1...`. Public. */
  recipient: string;
  /** `AGE-SECRET-KEY-1...`. */
  identity: string;
}

/** DER of an X25519 private key up to the 32 bytes of the key itself (RFC 8410). */
const pkcs8Prefix = Buffer.from("302e020100300506032b656e04220420", "hex");

/**
 * Derives a key of age from a secret: the same secret and purpose always give the same key.
 * @param seed Secret of 32 bytes or more, base64.
 */
export function deriveAgeKey(seed: string, purpose: string): AgeKey {
  const secret = deriveBytes(seed, `age/${purpose}`, 32);
  const key = createPrivateKey({
    key: Buffer.concat([pkcs8Prefix, secret]),
    format: "der",
    type: "pkcs8",
  });
  const point = createPublicKey(key).export({ format: "der", type: "spki" }).subarray(-32);
  return {
    recipient: bech32("age", point),
    identity: bech32("age-secret-key-", secret).toUpperCase(),
  };
}
