import { type ClusterPlan } from "../plan/cluster";
import { paths } from "./paths";
import { toYaml } from "./yaml";

/** Where who has shown no credentials may ask: balancers and kubelets probe there. */
const openPaths = ["/livez", "/readyz", "/healthz"];

/** Who is taken for whom without credentials: nobody but at the health paths. */
export function renderAuthentication(): string {
  return toYaml({
    apiVersion: "apiserver.config.k8s.io/v1beta1",
    kind: "AuthenticationConfiguration",
    anonymous: { enabled: true, conditions: openPaths.map((path) => ({ path })) },
  });
}

/** What pods of a namespace that says nothing itself may have. Those of the cluster's own namespaces program the node, so they are judged by their authors. */
export function renderAdmission({ config }: Pick<ClusterPlan, "config">): string {
  const standard = config.controlPlane.podSecurity;
  return toYaml({
    apiVersion: "apiserver.config.k8s.io/v1",
    kind: "AdmissionConfiguration",
    plugins: [
      {
        name: "PodSecurity",
        configuration: {
          apiVersion: "pod-security.admission.config.k8s.io/v1",
          kind: "PodSecurityConfiguration",
          defaults: {
            enforce: standard,
            "enforce-version": "latest",
            audit: "restricted",
            "audit-version": "latest",
            warn: standard,
            "warn-version": "latest",
          },
          exemptions: { usernames: [], runtimeClasses: [], namespaces: ["kube-system"] },
        },
      },
    ],
  });
}

/** Files that the apiserver reads beside its flags, and those flags. */
export const apiserverFlags = {
  "admission-control-config-file": paths.admission,
  "authentication-config": paths.authentication,
};
