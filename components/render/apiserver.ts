import { createHash } from "node:crypto";
import { type ClusterPlan } from "../plan/cluster";
import { apiserverKeys, begunRotations } from "../plan/rotation";
import { type Oidc } from "../plan/schema/oidc";
import { renderAuditPolicy } from "./audit";
import { paths } from "./paths";
import { toYaml } from "./yaml";

/** Where who has shown no credentials may ask: balancers and kubelets probe there. */
const openPaths = ["/livez", "/readyz", "/healthz"];

/**
 * Who is taken for whom: without credentials nobody but at the health paths, and by a token of the OpenID Connect provider, if there is one, its user. A file
 * and not the flags `--oidc-*`, which an apiserver does not take beside it, and which cannot keep names from beginning with `system:`. v1beta1 is what all
 * releases from v1.33 on read; v1 came with v1.34.
 */
export function renderAuthentication({ config }: Pick<ClusterPlan, "config">): string {
  const { oidc } = config.controlPlane;
  return toYaml({
    apiVersion: "apiserver.config.k8s.io/v1beta1",
    kind: "AuthenticationConfiguration",
    anonymous: { enabled: true, conditions: openPaths.map((path) => ({ path })) },
    ...(oidc === undefined ? {} : { jwt: [jwtAuthenticator(oidc)] }),
  });
}

function jwtAuthenticator(oidc: Oidc): object {
  const { issuerUrl: url, clientId, certificateAuthority, groupsClaim } = oidc;
  return {
    issuer: {
      url,
      audiences: [clientId],
      ...(certificateAuthority === undefined ? {} : { certificateAuthority }),
    },
    claimMappings: {
      username: { claim: oidc.usernameClaim, prefix: oidc.usernamePrefix },
      ...(groupsClaim === undefined
        ? {}
        : { groups: { claim: groupsClaim, prefix: oidc.groupsPrefix } }),
    },
    userValidationRules: [
      {
        expression: "!user.username.startsWith('system:')",
        message: "users whose name begins with system: are the cluster's own",
      },
      {
        expression: "user.groups.all(group, !group.startsWith('system:'))",
        message: "groups whose name begins with system: are the cluster's own",
      },
    ],
  };
}

/** Stands for the files that an apiserver reads when it starts. Keys are told by how far their rotation is. */
export function apiserverSettings(plan: Pick<ClusterPlan, "config">): string {
  const { extraFiles } = plan.config.controlPlane;
  const files = [
    ...[renderAdmission(plan), renderAuditPolicy(), renderAuthentication(plan)],
    ...begunRotations(plan.config.pki.rotation, apiserverKeys),
    // Without any, what it was before there could be some.
    ...(Object.keys(extraFiles).length === 0 ? [] : [extraFiles]),
  ];
  return createHash("sha256").update(JSON.stringify(files)).digest("hex").slice(0, 16);
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
