import { type RegistryLogins } from "../plan/registryLogins";
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

/** What Docker Hub is called in such files. */
const dockerHub = "https://index.docker.io/v1/";

/** Logins to registries in the form of Docker's config.json, which the kubelet reads. */
export function renderRegistryLogins(logins: RegistryLogins): string {
  const auths = Object.entries(logins).map(([registry, { username, password }]) => [
    registry === "docker.io" ? dockerHub : registry,
    { auth: Buffer.from(`${username}:${password}`).toString("base64") },
  ]);
  return `${JSON.stringify({ auths: Object.fromEntries(auths) as object })}\n`;
}
