import type { ClusterPki } from "../pki/clusterPki";
import type { PlacedFile } from "../remote/remoteStep";
import { paths, renderHaproxyDropIn } from "../render";

/** What a step that runs haproxy.sh places: HAProxy's configuration, how systemd runs it, and the CA it knows masters by. */
export function haproxyFiles(
  configuration: string,
  { authorities }: Pick<ClusterPki, "authorities">,
): { files: PlacedFile[]; secretFiles: PlacedFile[] } {
  return {
    files: [
      { path: paths.haproxyConfig, content: configuration },
      { path: paths.haproxyDropIn, content: renderHaproxyDropIn() },
    ],
    secretFiles: [{ path: paths.haproxyCa, content: authorities.kubernetes.crt, mode: "0644" }],
  };
}
