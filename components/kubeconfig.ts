import type { CertificateAndKey } from "./pki/authority";
import { toYaml } from "./render/yaml";

/** What a kubeconfig says: where the API is, who it is, and who we are. */
export interface KubeconfigInput {
  /** Name of the cluster. */
  cluster: string;
  /** `https://name:port`. */
  server: string;
  /** Certificate of the cluster's authority, PEM. */
  authority: string;
  /** Name of the user, for the reader only: the certificate says who it is. */
  user: string;
  client: CertificateAndKey;
}

/** A kubeconfig with everything embedded. Secret, as it holds the client's key. */
export function renderKubeconfig(input: KubeconfigInput): string {
  const { cluster, server, authority, user, client } = input;
  const context = `${user}@${cluster}`;
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  return toYaml({
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      { name: cluster, cluster: { server, "certificate-authority-data": base64(authority) } },
    ],
    users: [
      {
        name: user,
        user: {
          "client-certificate-data": base64(client.crt),
          "client-key-data": base64(client.key),
        },
      },
    ],
    contexts: [{ name: context, context: { cluster, user } }],
    "current-context": context,
  });
}
