import { createHash } from "node:crypto";
import { parse } from "yaml";
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

/** What of a kubeconfig is read here. */
interface Kubeconfig {
  clusters: { name: string; cluster: Record<string, unknown> }[];
}

/**
 * A kubeconfig with its API reached through a proxy, which resolves the API's name too: it is known inside the VPC only.
 *
 * @param proxy Its URL, as `socks5://127.0.0.1:1080`.
 */
export function throughProxy(kubeconfig: string, proxy: string): string {
  const config = parse(kubeconfig) as Kubeconfig;
  for (const { cluster } of config.clusters) cluster["proxy-url"] = proxy;
  return toYaml(config);
}

/**
 * What tells the cluster of a kubeconfig from every other: its name, and a digest of its authority. It stays the same whichever way the API is reached,
 * and holds no secret.
 */
export function clusterIdentity(kubeconfig: string): string {
  const [first] = (parse(kubeconfig) as Kubeconfig).clusters;
  const authority = String(first?.cluster["certificate-authority-data"]);
  const digest = createHash("sha256").update(authority).digest("hex").slice(0, 16);
  return `${first?.name ?? ""}-${digest}`;
}
