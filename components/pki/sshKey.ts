import { createHash, createPublicKey } from "node:crypto";
import { deriveBytes } from "./derivedBytes";
import { ed25519Key } from "./ed25519";

/** An Ed25519 SSH key in OpenSSH's forms. */
export interface SshKey {
  /** `ssh-ed25519 AAAA...`, no comment. */
  publicKey: string;
  /** `-----BEGIN OPENSSH PRIVATE KEY-----...`, unencrypted. */
  privateKey: string;
  /** The same in PEM of PKCS #8: a third as long, read by Go's ssh package, but not by OpenSSH's server. */
  pkcs8: string;
}

const keyType = "ssh-ed25519";
const cipherBlock = 8;

/**
 * Derives an SSH key from a secret: the same secret and purpose always give the same key, so that a host's key is known,
 * and can be pinned, before the host exists, and adding a host makes no other secret.
 * @param seed Secret of 32 bytes or more, base64.
 * @param purpose What the key is for, such as `host/prod-etcd-1`.
 */
export function deriveSshKey(seed: string, purpose: string): SshKey {
  const secret = deriveBytes(seed, `ssh/${purpose}`, 32);
  const privateKey = ed25519Key(secret);
  const spki = createPublicKey(privateKey).export({ format: "der", type: "spki" });
  const point = spki.subarray(spki.length - 32);
  const publicBlob = Buffer.concat([field(keyType), field(point)]);
  return {
    publicKey: `${keyType} ${publicBlob.toString("base64")}`,
    privateKey: openSshPem(publicBlob, point, secret),
    pkcs8: privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
  };
}

/** OpenSSH's own private key format, the only one its server takes for Ed25519 (PROTOCOL.key). */
function openSshPem(publicBlob: Buffer, point: Buffer, secret: Buffer): string {
  // Two equal numbers tell a reader that decryption worked; random elsewhere, derived here to have the same text every time.
  const check = createHash("sha256").update(secret).digest().subarray(0, 4);
  const keyPart = Buffer.concat([
    check,
    check,
    field(keyType),
    field(point),
    field(Buffer.concat([secret, point])),
    field(""),
  ]);
  const padding = Buffer.from(
    Array.from(
      { length: (cipherBlock - (keyPart.length % cipherBlock)) % cipherBlock },
      (_, i) => i + 1,
    ),
  );
  const body = Buffer.concat([
    Buffer.from("openssh-key-v1\0"),
    field("none"),
    field("none"),
    field(""),
    uint32(1),
    field(publicBlob),
    field(Buffer.concat([keyPart, padding])),
  ]).toString("base64");
  const lines = body.match(/.{1,70}/g) ?? [];
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines.join("\n")}\n-----END OPENSSH PRIVATE KEY-----\n`;
}

function field(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([uint32(bytes.length), bytes]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
