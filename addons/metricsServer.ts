import { APIService } from "@pulumi/kubernetes/apiregistration/v1";
import { Deployment } from "@pulumi/kubernetes/apps/v1";
import { Service, ServiceAccount } from "@pulumi/kubernetes/core/v1";
import { PodDisruptionBudget } from "@pulumi/kubernetes/policy/v1";
import { ClusterRole, ClusterRoleBinding, RoleBinding } from "@pulumi/kubernetes/rbac/v1";
import type { core } from "@pulumi/kubernetes/types/input";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { release } from "../components/plan/fields";
import { type AddonImage, pulledAs } from "./image";
import { spreadOver } from "./spread";

/** Options of {@link MetricsServer}. */
export interface MetricsServerOptions {
  /** Release of metrics-server, v0.9.0 or later. Pinned by whoever uses it: a newer library changes nothing by itself. */
  version: string;
  /** Pods, each on another node as long as there are enough nodes. Every one of them asks all kubelets. @default 2 */
  replicas?: number;
  /** CPU that a pod asks for. The default is enough for 100 nodes; each node above wants a millicore more. @default "100m" */
  cpu?: string;
  /** Memory that a pod asks for. The default is enough for 100 nodes; each node above wants 2 MiB more. @default "200Mi" */
  memory?: string;
}

/** Its options as they are read. */
export const metricsServerOptions = z.strictObject({
  version: release.meta({ newest: "v0.9.0" }),
  replicas: z.int().min(1).default(2),
  cpu: z
    .string()
    .regex(/^[1-9]\d*m?$/, "CPUs or thousandths of one, such as 100m")
    .default("100m"),
  memory: z
    .string()
    .regex(/^[1-9]\d*(Ki|Mi|Gi)$/, "an amount of memory, such as 200Mi")
    .default("200Mi"),
});

/** Images that it runs. */
export function metricsServerImages({
  version,
}: Pick<MetricsServerOptions, "version">): [AddonImage] {
  return [{ repository: "registry.k8s.io/metrics-server", name: "metrics-server", tag: version }];
}

/** Arguments of {@link MetricsServer}. */
export interface MetricsServerArgs extends z.output<typeof metricsServerOptions> {
  /** Repository that its image is pulled from. @default registry.k8s.io/metrics-server */
  imageRepository?: string;
}

/** Its names are the project's own: the API service has no other, and by the rest manuals and dashboards find it. */
const name = "metrics-server";
const namespace = "kube-system";
const labels = { "k8s-app": name };
const rbac = "rbac.authorization.k8s.io";
const port = 10250;

/**
 * metrics-server: the API `metrics.k8s.io`, by which `kubectl top` and HorizontalPodAutoscalers know what nodes and pods use right now. It keeps no history.
 *
 * It asks every kubelet at port 10250, in the name of the node that its pod is on, which the cluster's security groups let it. apiservers lead requests to
 * it over the pod network. Neither side verifies the other's certificate: kubelets sign their own, as this server does, and apiservers take both without
 * looking as well. A kubelet lets it in by its token, which may read metrics and nothing else.
 */
export class MetricsServer extends pulumi.ComponentResource {
  /** @param opts Has the provider of the cluster, in `providers`. */
  constructor(id: string, args: MetricsServerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kubernetes-ha:addons:MetricsServer", id, args, opts);
    const inside = { parent: this };
    const account = new ServiceAccount(id, { metadata: { name, namespace, labels } }, inside);
    const rights = createRights(id, inside);
    // Without its rights a pod would not become ready, and the update wait for it.
    const deployment = createDeployment(id, args, { ...inside, dependsOn: [account, ...rights] });
    createBudget(id, inside);
    // A Service is waited for until it leads to somebody who is ready, so it comes after its pods.
    const service = createService(id, { ...inside, dependsOn: [deployment] });
    // Last to come and first to go: with an API service that nobody answers for, the garbage collector stops and namespaces cannot be deleted.
    createApiService(id, { ...inside, dependsOn: [service] });
    this.registerOutputs({});
  }
}

/** It may read metrics of nodes, and what nodes and pods there are; who may view a namespace may read metrics of its pods. */
function createRights(id: string, opts: pulumi.CustomResourceOptions): pulumi.Resource[] {
  const subjects = [{ kind: "ServiceAccount", name, namespace }];
  const roleRef = (kind: string, role: string) => ({ apiGroup: rbac, kind, name: role });
  const bound = { metadata: { name: `system:${name}`, labels } };
  const reads = ["get", "list", "watch"];
  const aggregated = ["view", "edit", "admin"].map((role) => [
    `${rbac}/aggregate-to-${role}`,
    "true",
  ]);
  return [
    new ClusterRole(
      `${id}-reader`,
      {
        metadata: {
          name: "system:aggregated-metrics-reader",
          labels: { ...labels, ...(Object.fromEntries(aggregated) as Record<string, string>) },
        },
        rules: [{ apiGroups: ["metrics.k8s.io"], resources: ["pods", "nodes"], verbs: reads }],
      },
      opts,
    ),
    new ClusterRole(
      id,
      {
        ...bound,
        rules: [
          { apiGroups: [""], resources: ["nodes/metrics"], verbs: ["get"] },
          { apiGroups: [""], resources: ["pods", "nodes"], verbs: reads },
        ],
      },
      opts,
    ),
    new ClusterRoleBinding(
      id,
      { ...bound, roleRef: roleRef("ClusterRole", `system:${name}`), subjects },
      opts,
    ),
    // Asks apiservers who its own clients are, and what they may do.
    new ClusterRoleBinding(
      `${id}-delegator`,
      {
        metadata: { name: `${name}:system:auth-delegator`, labels },
        roleRef: roleRef("ClusterRole", "system:auth-delegator"),
        subjects,
      },
      opts,
    ),
    // Knows apiservers by the authority that they show themselves by.
    new RoleBinding(
      `${id}-authentication`,
      {
        metadata: { name: `${name}-auth-reader`, namespace, labels },
        roleRef: roleRef("Role", "extension-apiserver-authentication-reader"),
        subjects,
      },
      opts,
    ),
  ];
}

function createService(id: string, opts: pulumi.CustomResourceOptions): Service {
  const https = { name: "https", port: 443, targetPort: "https", appProtocol: "https" };
  return new Service(
    id,
    { metadata: { name, namespace, labels }, spec: { selector: labels, ports: [https] } },
    opts,
  );
}

function createDeployment(
  id: string,
  args: MetricsServerArgs,
  opts: pulumi.CustomResourceOptions,
): Deployment {
  return new Deployment(
    id,
    {
      metadata: { name, namespace, labels },
      spec: {
        replicas: args.replicas,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            serviceAccountName: name,
            priorityClassName: "system-cluster-critical",
            nodeSelector: { "kubernetes.io/os": "linux" },
            topologySpreadConstraints: spreadOver(labels),
            containers: [container(args)],
            volumes: [{ name: "tmp", emptyDir: {} }],
          },
        },
      },
    },
    opts,
  );
}

function container(args: MetricsServerArgs): core.v1.Container {
  const [image] = metricsServerImages(args);
  const probe = (path: string) => ({
    httpGet: { path, port: "https", scheme: "HTTPS" },
    periodSeconds: 10,
  });
  return {
    name,
    image: pulledAs(image, args.imageRepository),
    args: [
      // A certificate of its own, made anew at each start.
      "--cert-dir=/tmp",
      `--secure-port=${port}`,
      "--kubelet-preferred-address-types=InternalIP",
      "--kubelet-use-node-status-port",
      "--kubelet-insecure-tls",
      "--metric-resolution=15s",
    ],
    ports: [{ name: "https", containerPort: port }],
    resources: { requests: { cpu: args.cpu, memory: args.memory } },
    // Ready is who has metrics, which takes a round of asking.
    readinessProbe: { ...probe("/readyz"), initialDelaySeconds: 20 },
    livenessProbe: probe("/livez"),
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      runAsUser: 1000,
      seccompProfile: { type: "RuntimeDefault" },
    },
    volumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
  };
}

/** Nodes are drained one after another. */
function createBudget(id: string, opts: pulumi.CustomResourceOptions): PodDisruptionBudget {
  return new PodDisruptionBudget(
    id,
    {
      metadata: { name, namespace, labels },
      spec: { maxUnavailable: 1, selector: { matchLabels: labels } },
    },
    opts,
  );
}

function createApiService(id: string, opts: pulumi.CustomResourceOptions): APIService {
  return new APIService(
    id,
    {
      metadata: { name: "v1beta1.metrics.k8s.io", labels },
      spec: {
        group: "metrics.k8s.io",
        version: "v1beta1",
        service: { name, namespace },
        insecureSkipTLSVerify: true,
        groupPriorityMinimum: 100,
        versionPriority: 100,
      },
    },
    opts,
  );
}
