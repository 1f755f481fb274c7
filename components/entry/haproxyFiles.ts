import type { ClusterPki } from "../pki/clusterPki";
import type { ExtraFrontend } from "../plan/entry";
import type { PlacedFile } from "../remote/remoteStep";
import { paths, renderHaproxyDropIn } from "../render";

/**
 * What a step that runs haproxy.sh places: HAProxy's configuration, how systemd runs it, the CA it knows masters by, and the certificate of what it
 * fronts over TLS beside the API.
 */
export function haproxyFiles(
  configuration: string,
  pki: Pick<ClusterPki, "authorityCertificates" | "serverCertificate">,
  frontends: readonly ExtraFrontend[] = [],
): { files: PlacedFile[]; secretFiles: PlacedFile[] } {
  const names = frontends.flatMap(({ mode, hostname }) =>
    mode === "https" && hostname !== undefined ? [hostname] : [],
  );
  return {
    files: [
      { path: paths.haproxyConfig, content: configuration },
      { path: paths.haproxyDropIn, content: renderHaproxyDropIn() },
    ],
    secretFiles: [
      { path: paths.haproxyCa, content: pki.authorityCertificates, mode: "0644" },
      ...(names.length === 0 ? [] : [certificate(pki, [...new Set(names)])]),
    ],
  };
}

function certificate(pki: Pick<ClusterPki, "serverCertificate">, names: string[]): PlacedFile {
  const content = pki.serverCertificate("haproxy", names).apply(({ crt, key }) => `${crt}${key}`);
  // HAProxy reads it before it gives up being root.
  return { path: paths.haproxyFrontends, content, mode: "0600" };
}
