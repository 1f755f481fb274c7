import { stringify } from "yaml";

/** A file of a step, as RemoteStep registers it. */
export interface FixtureFile {
  path: string;
  content: string;
}

/** Path of the file with the keys Secrets are encrypted with; it is a secret one. */
export const encryption = "/etc/kubernetes/encryption/config.yaml";
const auditPolicy = "/etc/kubernetes/audit/policy.yaml";

/** Names and addresses of the masters, and those of the entry: masters up to 9, so that tests may add some. */
export const certificateNames = [
  "api.prod.internal",
  "10.0.0.10",
  ...Array.from({ length: 9 }, (_, i) => [`master-${i + 1}`, `10.0.0.${80 + i}`]).flat(),
];

/** The kubelet's configuration, as every node's step places it. */
export function kubeletFile(): FixtureFile {
  const share = { cpu: "100m", memory: "512Mi" };
  return yamlFile("/etc/kubernetes/patches/kubelet.yaml", {
    kind: "KubeletConfiguration",
    kubeReserved: share,
    systemReserved: share,
  });
}

/** kubeadm's configuration and the audit policy, as every master's step places them. */
export function masterFiles(): FixtureFile[] {
  const flags = {
    "audit-log-path": "/var/log/kubernetes/audit/audit.log",
    "audit-policy-file": auditPolicy,
    "encryption-provider-config": encryption,
  };
  return [
    yamlFile("/etc/kubernetes/kubeadm.yaml", {
      kind: "ClusterConfiguration",
      clusterName: "prod",
      kubernetesVersion: "v1.36.3",
      controlPlaneEndpoint: "api.prod.internal:6443",
      apiServer: {
        certSANs: certificateNames,
        extraArgs: Object.entries(flags).map(([name, value]) => ({ name, value })),
      },
    }),
    yamlFile(auditPolicy, { kind: "Policy", rules: [{ level: "None" }, { level: "Metadata" }] }),
    kubeletFile(),
  ];
}

function yamlFile(path: string, document: object): FixtureFile {
  return { path, content: stringify(document) };
}
