import { type ReadSections } from "../parse";
import { type Problem } from "../problems";
import type { ExtraVolume } from "../schema/staticPods";

/** Volumes that kubeadm and the cluster give static pods of masters, by name. */
const ownVolumes = [
  ...["settings", "encryption", "audit-policy", "audit-log"],
  ...["k8s-certs", "ca-certs", "kubeconfig", "flexvolume-dir", "etcd-certs-0", "etcd-certs-1"],
  ...["etc-ca-certificates", "usr-share-ca-certificates", "usr-local-share-ca-certificates"],
  ...["etc-pki", "etc-pki-ca-trust", "etc-pki-tls-certs"],
];

/** Where they are, in the pods: what would lie at one of these, below or above it, would hide it. */
const ownPaths = [
  ...["/etc/kubernetes", "/var/log/kubernetes/audit", "/etc/ssl/certs", "/etc/ca-certificates"],
  ...["/usr/share/ca-certificates", "/usr/local/share/ca-certificates", "/etc/pki"],
  "/usr/libexec/kubernetes/kubelet-plugins/volume/exec",
];

/** Files that the cluster places there itself, and the setting that decides on each. */
const ownFiles: Readonly<Record<string, string>> = {
  "admission.yaml": "controlPlane.podSecurity",
  "authentication.yaml": "controlPlane.oidc",
};

/** Volumes and files of people's own in static pods of masters: none in the place of the cluster's. */
export function staticPodProblems({ controlPlane }: ReadSections): Problem[] {
  if (controlPlane === undefined) return [];
  const { extraVolumes, extraFiles } = controlPlane;
  return [
    ...Object.entries(extraVolumes).flatMap(([component, volumes]) =>
      volumes.flatMap((volume, index) =>
        volumeProblems(`controlPlane.extraVolumes.${component}.${index}`, volume, volumes),
      ),
    ),
    ...Object.keys(extraFiles).flatMap((name) => {
      const setting = ownFiles[name];
      if (setting === undefined) return [];
      return [
        {
          path: `controlPlane.extraFiles.${name}`,
          message: "the cluster writes this file itself",
          fix: `Use another name; what decides on it is ${setting}`,
        },
      ];
    }),
  ];
}

function volumeProblems(
  path: string,
  { name, hostPath, mountPath = hostPath }: ExtraVolume,
  all: readonly ExtraVolume[],
): Problem[] {
  const nameFault = ownVolumes.includes(name)
    ? `got ${name}, which is a volume of the cluster's own`
    : all.filter((each) => each.name === name).length > 1
      ? `got ${name}, which is the name of two volumes`
      : undefined;
  const hidden = ownPaths.find((own) => isWithin(mountPath, own) || isWithin(own, mountPath));
  return [
    ...(nameFault === undefined
      ? []
      : [{ path: `${path}.name`, message: nameFault, fix: "Use another name" }]),
    ...(hidden === undefined
      ? []
      : [
          {
            path: `${path}.mountPath`,
            message: `got ${mountPath}, where the cluster's own files of ${hidden} would be hidden`,
            fix: "Use a directory of its own, such as /etc/kubernetes-extra; files for flags are what controlPlane.extraFiles is for",
          },
        ]),
  ];
}

/** Whether a path is a directory or lies below it. */
function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(`${directory}/`);
}
