import { createHash } from "node:crypto";
import { parse } from "yaml";
import { toYaml } from "./yaml";

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
