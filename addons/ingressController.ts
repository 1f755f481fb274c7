import { DaemonSet } from "@pulumi/kubernetes/apps/v1";
import { Namespace, Service, ServiceAccount } from "@pulumi/kubernetes/core/v1";
import { IngressClass } from "@pulumi/kubernetes/networking/v1";
import { ClusterRole, ClusterRoleBinding } from "@pulumi/kubernetes/rbac/v1";
import type { core } from "@pulumi/kubernetes/types/input";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { release } from "../components/plan/fields";
import { ports } from "../components/plan/ports";
import { type AddonImage, pulledAs } from "./image";

/** Options of {@link IngressController}. */
export interface IngressOptions {
  /** Release of Traefik, v3.6.12 or later. Pinned by whoever uses it: a newer library changes nothing by itself. */
  version: string;
  /** Port of every worker for HTTP, 30000 to 32767: what `entry.extraFrontends` of the cluster has as `pool.port`. @default 31080 */
  httpNodePort?: number;
  /** The same for HTTPS. @default 31443 */
  httpsNodePort?: number;
  /** Address that Ingresses are said to have, such as the entry's: output `entry` of the cluster's stack. @default none */
  address?: pulumi.Input<string>;
}

const nodePort = z.int().min(ports.nodePorts.first).max(ports.nodePorts.last);

/** Its options as they are read. */
export const ingressOptions = z.strictObject({
  version: release.meta({ newest: "v3.6.12" }),
  httpNodePort: nodePort.default(31_080),
  httpsNodePort: nodePort.default(31_443),
  // An output, most of the time.
  address: z.custom<pulumi.Input<string>>().optional(),
});

/** Images that it runs. */
export function ingressImages({ version }: Pick<IngressOptions, "version">): [AddonImage] {
  return [{ repository: "docker.io/library", name: "traefik", tag: version }];
}

/** Arguments of {@link IngressController}. */
export interface IngressArgs extends z.output<typeof ingressOptions> {
  /** Repository that its image is pulled from. @default docker.io/library */
  imageRepository?: string;
}

/** Name of all that it is made of, of its namespace, and of the class of Ingresses that it serves. */
const name = "traefik";
const labels = { "app.kubernetes.io/name": name };
const subject = { kind: "ServiceAccount", name, namespace: name };

/** Ports of a pod: none that takes a right to be opened. */
const container = { http: 8000, https: 8443, ping: 8080 } as const;

/**
 * Traefik: Ingresses of class `traefik` are served on every worker, at two ports of it, which HAProxy of the cluster's entry fronts
 * (`entry.extraFrontends` with `pool`). Each of its pods serves by what the API told it last: while no apiserver answers, all go on.
 *
 * It reads all Secrets of the cluster, as certificates of Ingresses are among them.
 */
export class IngressController extends pulumi.ComponentResource {
  /** @param opts Has the provider of the cluster, in `providers`. */
  constructor(id: string, args: IngressArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kubernetes-ha:addons:IngressController", id, args, opts);
    const space = new Namespace(id, { metadata: { name, labels } }, { parent: this });
    const inside = { parent: this, dependsOn: [space] };
    const ingressClass = createClass(id, { parent: this });
    const rights = createRights(id, inside);
    // It does not serve before it may read Ingresses.
    const pods = createPods(id, args, { ...inside, dependsOn: [ingressClass, ...rights] });
    // A Service is waited for until it leads to somebody who is ready, so it comes after its pods.
    createNodePorts(id, args, { ...inside, dependsOn: [pods] });
    this.registerOutputs({});
  }
}

function createClass(id: string, opts: pulumi.CustomResourceOptions): IngressClass {
  const spec = { controller: "traefik.io/ingress-controller" };
  return new IngressClass(id, { metadata: { name, labels }, spec }, opts);
}

/** What it reads to know where to lead requests; of all that, it writes the address of an Ingress. */
function createRights(id: string, opts: pulumi.CustomResourceOptions): pulumi.Resource[] {
  const reads = ["get", "list", "watch"];
  return [
    new ServiceAccount(id, { metadata: { name, namespace: name, labels } }, opts),
    new ClusterRole(
      id,
      {
        metadata: { name, labels },
        rules: [
          { apiGroups: [""], resources: ["services", "secrets", "nodes"], verbs: reads },
          { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: reads },
          {
            apiGroups: ["networking.k8s.io"],
            resources: ["ingresses", "ingressclasses"],
            verbs: reads,
          },
          {
            apiGroups: ["networking.k8s.io"],
            resources: ["ingresses/status"],
            verbs: ["update"],
          },
        ],
      },
      opts,
    ),
    new ClusterRoleBinding(
      id,
      {
        metadata: { name, labels },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name },
        subjects: [subject],
      },
      opts,
    ),
  ];
}

/** One on each worker. Of another release, each comes before the one that was there goes: no worker is without. */
function createPods(id: string, args: IngressArgs, opts: pulumi.CustomResourceOptions): DaemonSet {
  return new DaemonSet(
    id,
    {
      metadata: { name, namespace: name, labels },
      spec: {
        selector: { matchLabels: labels },
        updateStrategy: {
          type: "RollingUpdate",
          rollingUpdate: { maxSurge: 1, maxUnavailable: 0 },
        },
        template: {
          metadata: { labels },
          spec: {
            serviceAccountName: name,
            nodeSelector: { "kubernetes.io/os": "linux" },
            // Connections get this long to come to their end.
            terminationGracePeriodSeconds: 60,
            securityContext: {
              runAsNonRoot: true,
              runAsUser: 65_532,
              runAsGroup: 65_532,
              seccompProfile: { type: "RuntimeDefault" },
            },
            containers: [traefik(args)],
          },
        },
      },
    },
    opts,
  );
}

function traefik({ address, imageRepository, ...args }: IngressArgs): core.v1.Container {
  const [image] = ingressImages(args);
  const ping = { httpGet: { path: "/ping", port: "ping" } };
  return {
    name,
    image: pulledAs(image, imageRepository),
    args: [
      "--global.checknewversion=false",
      "--global.sendanonymoususage=false",
      "--log.level=INFO",
      `--entrypoints.traefik.address=:${container.ping}`,
      `--entrypoints.web.address=:${container.http}`,
      `--entrypoints.websecure.address=:${container.https}`,
      "--entrypoints.websecure.http.tls=true",
      // Told to end, it goes on for as long as HAProxy takes to see that it does.
      ...["web", "websecure"].map(
        (entryPoint) =>
          `--entrypoints.${entryPoint}.transport.lifecycle.requestacceptgracetimeout=10s`,
      ),
      "--ping=true",
      "--providers.kubernetesingress=true",
      `--providers.kubernetesingress.ingressclass=${name}`,
      ...(address === undefined
        ? []
        : [pulumi.interpolate`--providers.kubernetesingress.ingressendpoint.ip=${address}`]),
    ],
    ports: Object.entries(container).map(([port, containerPort]) => ({
      name: port,
      containerPort,
    })),
    resources: { requests: { cpu: "100m", memory: "128Mi" } },
    // It answers at once, and knows what to serve a little later.
    readinessProbe: { ...ping, initialDelaySeconds: 10, periodSeconds: 5 },
    livenessProbe: { ...ping, periodSeconds: 10 },
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      readOnlyRootFilesystem: true,
    },
  };
}

/** Where HAProxy finds them. A worker without one takes no connection, so a check of the port is one of its Traefik. */
function createNodePorts(
  id: string,
  args: IngressArgs,
  opts: pulumi.CustomResourceOptions,
): Service {
  const exposed = { http: [80, args.httpNodePort], https: [443, args.httpsNodePort] } as const;
  return new Service(
    id,
    {
      metadata: { name, namespace: name, labels },
      spec: {
        type: "NodePort",
        externalTrafficPolicy: "Local",
        selector: labels,
        ports: Object.entries(exposed).map(([port, [own, ofNodes]]) => ({
          name: port,
          port: own,
          targetPort: port,
          nodePort: ofNodes,
        })),
      },
    },
    opts,
  );
}
