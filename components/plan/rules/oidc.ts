import { type ReadSections } from "../parse";
import { type Problem } from "../problems";

/** Tokens of the cluster's own service accounts are told from others by their issuer. */
export function oidcProblems({ controlPlane, network }: ReadSections): Problem[] {
  const issuer = controlPlane?.oidc?.issuerUrl;
  if (network === undefined || issuer !== `https://kubernetes.default.svc.${network.clusterDomain}`)
    return [];
  return [
    {
      path: "controlPlane.oidc.issuerUrl",
      message: `got ${issuer}, which issues the tokens of service accounts`,
      fix: "Use the URL of a provider outside of the cluster",
    },
  ];
}
