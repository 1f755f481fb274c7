import { DaemonSet } from "@pulumi/kubernetes/apps/v1";
import type { core } from "@pulumi/kubernetes/types/input";
import type * as pulumi from "@pulumi/pulumi";
import { pulledAs } from "../image";
import { app, certificateFiles, confined, namespace, nobody, xdsPort } from "./names";
import { type IngressArgs, ingressImages } from "./options";

const labels = app("envoy");
const certificates = { name: "certificates", mountPath: "/certs", readOnly: true };
const config = { name: "config", mountPath: "/config" };
const admin = { name: "admin", mountPath: "/admin" };

/** An Envoy on every worker. One that goes takes no more connections, and waits for those that it has. */
export function createEnvoy(
  name: string,
  args: IngressArgs,
  opts: pulumi.CustomResourceOptions,
): DaemonSet {
  const images = ingressImages(args);
  const contour = pulledAs(images.contour, args.imageRepository);
  const envoy = pulledAs(images.envoy, args.imageRepository);
  return new DaemonSet(
    `${name}-envoy`,
    {
      metadata: { name: "envoy", namespace, labels },
      spec: {
        selector: { matchLabels: labels },
        updateStrategy: { rollingUpdate: { maxUnavailable: 1 } },
        template: {
          metadata: { labels },
          spec: {
            automountServiceAccountToken: false,
            securityContext: nobody,
            terminationGracePeriodSeconds: 300,
            initContainers: [bootstrap(contour)],
            containers: [serving(envoy), shutdownManager(contour)],
            volumes: [
              { name: admin.name, emptyDir: {} },
              { name: config.name, emptyDir: {} },
              { name: certificates.name, secret: { secretName: "envoycert" } },
            ],
          },
        },
      },
    },
    opts,
  );
}

/** Writes where Envoy finds a Contour, and by which certificates the two know each other: files that Envoy watches. */
function bootstrap(image: string): core.v1.Container {
  const { authority, certificate, key } = certificateFiles;
  return {
    name: "bootstrap",
    image,
    command: [
      ...["contour", "bootstrap", "/config/envoy.json", "--resources-dir=/config/resources"],
      ...["--xds-address=contour", `--xds-port=${xdsPort}`, "--xds-resource-version=v3"],
      `--envoy-cafile=${authority}`,
      `--envoy-cert-file=${certificate}`,
      `--envoy-key-file=${key}`,
    ],
    env: [{ name: "CONTOUR_NAMESPACE", value: namespace }],
    securityContext: confined,
    volumeMounts: [config, certificates],
  };
}

function serving(image: string): core.v1.Container {
  return {
    name: "envoy",
    image,
    command: ["envoy", "--config-path", "/config/envoy.json"],
    args: ["--service-cluster", namespace, "--service-node", "$(POD_NAME)"],
    env: [{ name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }],
    ports: [
      { name: "http", containerPort: 8080 },
      { name: "https", containerPort: 8443 },
      { name: "metrics", containerPort: 8002 },
    ],
    resources: { requests: { cpu: "100m", memory: "128Mi" } },
    readinessProbe: { httpGet: { path: "/ready", port: "metrics" }, periodSeconds: 4 },
    securityContext: confined,
    volumeMounts: [{ ...config, readOnly: true }, certificates, admin],
    // Answered once no connection is left.
    lifecycle: { preStop: { httpGet: { path: "/shutdown", port: 8090 } } },
  };
}

/** Tells an Envoy that is to go, and looks on until it has no connections left. */
function shutdownManager(image: string): core.v1.Container {
  return {
    name: "shutdown-manager",
    image,
    command: ["contour", "envoy", "shutdown-manager"],
    resources: { requests: { cpu: "10m", memory: "32Mi" } },
    securityContext: confined,
    volumeMounts: [admin],
    lifecycle: { preStop: { exec: { command: ["contour", "envoy", "shutdown"] } } },
  };
}
