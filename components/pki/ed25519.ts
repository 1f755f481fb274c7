import { createPrivateKey, type KeyObject } from "node:crypto";

/** DER of an Ed25519 private key up to the 32 bytes of the key itself (RFC 8410). */
const pkcs8Prefix = Buffer.from("302e020100300506032b657004220420", "hex");

/** The Ed25519 private key of 32 bytes. */
export function ed25519Key(secret: Buffer): KeyObject {
  return createPrivateKey({
    key: Buffer.concat([pkcs8Prefix, secret]),
    format: "der",
    type: "pkcs8",
  });
}
