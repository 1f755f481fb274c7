import { CustomResourceDefinition } from "@pulumi/kubernetes/apiextensions/v1";
import { ServiceAccount } from "@pulumi/kubernetes/core/v1";
import { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from "@pulumi/kubernetes/rbac/v1";
import type * as pulumi from "@pulumi/pulumi";
import { namespace } from "./names";

const reads = ["get", "list", "watch"];
const writes = ["create", "get", "update"];
const rbac = "rbac.authorization.k8s.io";
const named = { name: "contour" };
const inNamespace = { ...named, namespace };
const subjects = [{ kind: "ServiceAccount", ...inNamespace }];

/** What Contour watches beside Ingresses, whether anybody has any. */
const watched = [
  { kind: "HTTPProxy", plural: "httpproxies" },
  { kind: "TLSCertificateDelegation", plural: "tlscertificatedelegations" },
];

/** What Contour may do, and what it watches. */
export function createRights(name: string, opts: pulumi.CustomResourceOptions): pulumi.Resource[] {
  const role = (kind: string) => ({ apiGroup: rbac, kind, ...named });
  return [
    new ServiceAccount(name, { metadata: inNamespace }, opts),
    new ClusterRole(
      name,
      {
        metadata: named,
        rules: [
          {
            apiGroups: [""],
            resources: ["configmaps", "namespaces", "secrets", "services"],
            verbs: reads,
          },
          { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: reads },
          { apiGroups: ["networking.k8s.io"], resources: ["ingresses"], verbs: reads },
          { apiGroups: ["networking.k8s.io"], resources: ["ingresses/status"], verbs: writes },
          {
            apiGroups: ["projectcontour.io"],
            resources: watched.map(({ plural }) => plural),
            verbs: reads,
          },
        ],
      },
      opts,
    ),
    new ClusterRoleBinding(name, { metadata: named, roleRef: role("ClusterRole"), subjects }, opts),
    // Which of the two writes what Ingresses are said to have.
    new Role(
      name,
      {
        metadata: inNamespace,
        rules: [
          { apiGroups: [""], resources: ["events"], verbs: writes },
          { apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: writes },
        ],
      },
      opts,
    ),
    new RoleBinding(name, { metadata: inNamespace, roleRef: role("Role"), subjects }, opts),
    ...watched.map(({ kind, plural }) => createWatched(`${name}-${plural}`, kind, plural, opts)),
  ];
}

/** Contour does not start without them. They have no schema, since Ingresses are what is served here. */
function createWatched(
  name: string,
  kind: string,
  plural: string,
  opts: pulumi.CustomResourceOptions,
): CustomResourceDefinition {
  const openAPIV3Schema = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
  return new CustomResourceDefinition(
    name,
    {
      metadata: { name: `${plural}.projectcontour.io` },
      spec: {
        group: "projectcontour.io",
        names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
        scope: "Namespaced",
        versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema } }],
      },
    },
    opts,
  );
}
