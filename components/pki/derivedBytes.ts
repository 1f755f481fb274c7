import { hkdfSync } from "node:crypto";

/**
 * Bytes that a secret gives for a purpose (HKDF with SHA-256): the same secret and purpose always give the same, and nothing of one purpose tells of another.
 * @param seed Secret of 32 bytes or more, base64.
 * @param purpose What they are for, and whose: `ssh/host/prod-etcd-1`.
 */
export function deriveBytes(seed: string, purpose: string, bytes: number): Buffer {
  return Buffer.from(
    hkdfSync("sha256", Buffer.from(seed, "base64"), "kubernetes-ha", purpose, bytes),
  );
}
