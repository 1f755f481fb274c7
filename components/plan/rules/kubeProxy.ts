import { entryKindOf } from "../entry";
import { type ReadSections } from "../parse";
import { type Problem } from "../problems";

/**
 * kube-proxy in a mode that leaves the entry's rules alone. With nftables it empties IPVS whenever it starts; in mode `ipvs` it removes what it does
 * not know, unless it is told. Without such an entry nothing speaks for IPVS, which Kubernetes is giving up.
 */
export function kubeProxyProblems({ entry, kubeProxy }: ReadSections): Problem[] {
  if (entry === undefined || kubeProxy?.mode === undefined) return [];
  const path = "kubeProxy.mode";
  const wanted = entryKindOf(entry).kubeProxy?.(entry)?.mode;
  if (wanted !== undefined && kubeProxy.mode !== wanted) {
    const message = `got ${kubeProxy.mode}, but it would remove the rules of the entry's proxies`;
    return [{ path, message, fix: `Leave it out, or use ${wanted}` }];
  }
  if (wanted === undefined && kubeProxy.mode === "ipvs") {
    const message = "got ipvs, which is there for an entry whose proxies are IPVS";
    return [{ path, message, fix: "Leave it out, or use nftables" }];
  }
  return [];
}
