import { toYaml } from "./yaml";

/** A key that Secrets are encrypted with: its name, and 32 bytes in base64. */
export interface EncryptionKey {
  name: string;
  secret: string;
}

/**
 * How the apiservers encrypt Secrets in etcd (secretbox: XSalsa20 and Poly1305). The first key writes, all of them read, so
 * a key is changed by putting the new one first, rewriting every Secret, then dropping the old one.
 * @throws when there is no key or one is not 32 bytes.
 */
export function renderEncryptionConfiguration(keys: readonly EncryptionKey[]): string {
  if (keys.length === 0) throw new Error("encryption needs a key: got none");
  for (const { name, secret } of keys) {
    const length = Buffer.from(secret, "base64").length;
    if (length !== 32) {
      throw new Error(`encryption key "${name}" needs 32 bytes in base64: got ${length} bytes`);
    }
  }
  return toYaml({
    apiVersion: "apiserver.config.k8s.io/v1",
    kind: "EncryptionConfiguration",
    resources: [
      {
        resources: ["secrets"],
        // `identity` last: what was written before encryption was on can still be read.
        providers: [{ secretbox: { keys } }, { identity: {} }],
      },
    ],
  });
}
