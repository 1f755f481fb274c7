import { type ClusterPlan } from "./cluster";

/** Where the platform and the host itself answer: nothing beyond the host's own link. */
const linkLocal = "169.254.0.0/16";

/**
 * Environment of what downloads, as curl, apt and Go programs read it. Empty without a proxy.
 * @returns in lower case: curl takes no HTTP_PROXY, and all others take both.
 */
export function proxyEnvironment({
  config,
  network,
  entry,
  registry,
}: Pick<ClusterPlan, "config" | "network" | "entry" | "registry">): Record<string, string> {
  const { httpProxy, httpsProxy, noProxy } = config.proxy;
  if (httpProxy === undefined && httpsProxy === undefined) return {};
  const direct = [
    ...["localhost", "127.0.0.1", linkLocal],
    ...[network.vpcCidr, network.podCidr, network.serviceCidr],
    ...[entry.apiName, `.${network.clusterDomain}`],
    ...(registry === undefined ? [] : [registry.hostname]),
    ...noProxy,
  ];
  return {
    ...(httpProxy === undefined ? {} : { http_proxy: httpProxy }),
    ...(httpsProxy === undefined ? {} : { https_proxy: httpsProxy }),
    no_proxy: [...new Set(direct)].join(","),
  };
}
