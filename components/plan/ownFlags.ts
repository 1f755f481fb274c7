import { type ClusterConfig } from "./schema";

/** Components whose flags people may add to. */
export type FlaggedComponent = keyof ClusterConfig["controlPlane"]["extraArgs"] | "etcd";

/** Flags that one setting governs; none = nothing does. */
type Own = readonly [setting: string | undefined, ...flags: string[]];

const leaderElection: Own = [
  undefined,
  "leader-elect",
  "leader-elect-lease-duration",
  "leader-elect-renew-deadline",
  "leader-elect-resource-lock",
  "leader-elect-resource-name",
  "leader-elect-resource-namespace",
  "leader-elect-retry-period",
];
const clientOfApi = ["authentication-kubeconfig", "authorization-kubeconfig", "kubeconfig"];

/**
 * Flags that are the cluster's: those that it renders (a test compares), those that kubeadm writes and other parts of the cluster go by, and those that
 * exclude one of them.
 */
const own: Readonly<Record<FlaggedComponent, readonly Own[]>> = {
  apiServer: [
    [
      "controlPlane.podEvictionSeconds",
      "default-not-ready-toleration-seconds",
      "default-unreachable-toleration-seconds",
    ],
    ["controlPlane.podSecurity", "admission-control-config-file"],
    [
      "controlPlane.oidc",
      "authentication-config",
      ...["oidc-ca-file", "oidc-client-id", "oidc-groups-claim", "oidc-groups-prefix"],
      ...["oidc-issuer-url", "oidc-required-claim", "oidc-signing-algs"],
      ...["oidc-username-claim", "oidc-username-prefix"],
    ],
    ["network.serviceCidr", "service-cluster-ip-range"],
    ["entry", "advertise-address", "bind-address", "secure-port"],
    ["network.clusterDomain", "service-account-issuer"],
    [
      undefined,
      ...["allow-privileged", "anonymous-auth", "authorization-config", "authorization-mode"],
      ...["audit-log-maxage", "audit-log-maxbackup", "audit-log-maxsize", "audit-log-path"],
      ...["audit-policy-file", "client-ca-file", "enable-bootstrap-token-auth"],
      ...["encryption-provider-config", "endpoint-reconciler-type"],
      ...["etcd-cafile", "etcd-certfile", "etcd-keyfile", "etcd-servers"],
      ...["goaway-chance", "kubelet-client-certificate", "kubelet-client-key"],
      ...["kubelet-preferred-address-types", "profiling"],
      ...["proxy-client-cert-file", "proxy-client-key-file"],
      ...["requestheader-allowed-names", "requestheader-client-ca-file"],
      ...["requestheader-extra-headers-prefix", "requestheader-group-headers"],
      "requestheader-username-headers",
      ...["service-account-key-file", "service-account-signing-key-file"],
      // Security groups open the usual range.
      "service-node-port-range",
      ...["shutdown-delay-duration", "tls-cert-file", "tls-cipher-suites", "tls-min-version"],
      "tls-private-key-file",
    ],
  ],
  controllerManager: [
    ["name", "cluster-name"],
    ["network.podCidr", "allocate-node-cidrs", "cluster-cidr"],
    ["network.serviceCidr", "service-cluster-ip-range"],
    ["pki.certificateValidity", "cluster-signing-duration"],
    leaderElection,
    [
      undefined,
      ...clientOfApi,
      ...["bind-address", "client-ca-file", "cluster-signing-cert-file"],
      ...["cluster-signing-key-file", "controllers", "node-cidr-mask-size", "profiling"],
      "requestheader-client-ca-file",
      ...["root-ca-file", "secure-port", "service-account-private-key-file"],
      "use-service-account-credentials",
    ],
  ],
  scheduler: [
    leaderElection,
    // A file of the scheduler's own replaces the flags of its leader election, and is not in its pod.
    [undefined, ...clientOfApi, "bind-address", "config", "profiling", "secure-port"],
  ],
  etcd: [
    ["versions.etcd", "feature-gates"],
    ["etcd.members", "initial-cluster", "initial-cluster-state", "initial-cluster-token"],
    [
      undefined,
      ...["advertise-client-urls", "auto-tls", "cert-file", "client-cert-auth", "config-file"],
      ...["data-dir", "discovery", "discovery-srv", "force-new-cluster"],
      ...["initial-advertise-peer-urls", "key-file", "listen-client-urls"],
      ...["listen-metrics-urls", "listen-peer-urls", "name"],
      ...["peer-auto-tls", "peer-cert-file", "peer-client-cert-auth", "peer-key-file"],
      ...["peer-trusted-ca-file", "quota-backend-bytes", "trusted-ca-file", "wal-dir"],
      "watch-progress-notify-interval",
    ],
  ],
};

/**
 * Who decides on a flag: the setting that governs it, or that none does.
 * @returns undefined for a flag that is not the cluster's.
 */
export function ownerOf(
  component: FlaggedComponent,
  flag: string,
): { setting: string | undefined } | undefined {
  const found = own[component].find(([, ...flags]) => flags.includes(flag));
  return found && { setting: found[0] };
}
