/** Names are the project's own, so that its manuals hold. */

export const namespace = "projectcontour";

/** Port at which Contour tells Envoys what to serve. */
export const xdsPort = 8001;

export const app = (name: "contour" | "envoy") => ({ app: name });

/** Where the certificates lie in a container, by which Contour and Envoys know each other. */
export const certificateFiles = {
  authority: "/certs/ca.crt",
  certificate: "/certs/tls.crt",
  key: "/certs/tls.key",
} as const;

/** What a container may do beyond its image: nothing. */
export const confined = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
  readOnlyRootFilesystem: true,
};

/** Who a pod's processes are: nobody. */
export const nobody = {
  runAsNonRoot: true,
  runAsUser: 65_534,
  runAsGroup: 65_534,
  seccompProfile: { type: "RuntimeDefault" },
};
