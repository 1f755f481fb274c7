import { Deployment } from "@pulumi/kubernetes/apps/v1";
import { PodDisruptionBudget } from "@pulumi/kubernetes/policy/v1";
import * as pulumi from "@pulumi/pulumi";
import { pulledAs } from "../image";
import { spreadOver } from "../spread";
import { app, certificateFiles, confined, namespace, nobody, xdsPort } from "./names";
import { type IngressArgs, ingressImages } from "./options";

const labels = app("contour");
const metadata = { name: "contour", namespace, labels };

/** Two Contours: Envoys are told by either, and serve on while there is none. */
export function createContour(
  name: string,
  { imageRepository, address, ...versions }: IngressArgs,
  opts: pulumi.CustomResourceOptions,
): Deployment {
  const { contour } = ingressImages(versions);
  const { authority, certificate, key } = certificateFiles;
  new PodDisruptionBudget(
    `${name}-contour`,
    { metadata, spec: { maxUnavailable: 1, selector: { matchLabels: labels } } },
    opts,
  );
  return new Deployment(
    `${name}-contour`,
    {
      metadata,
      spec: {
        replicas: 2,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            serviceAccountName: "contour",
            securityContext: nobody,
            topologySpreadConstraints: spreadOver(labels),
            containers: [
              {
                name: "contour",
                image: pulledAs(contour, imageRepository),
                command: [
                  ...["contour", "serve", "--incluster", "--ingress-class-name=contour"],
                  ...["--xds-address=0.0.0.0", `--xds-port=${xdsPort}`],
                  `--contour-cafile=${authority}`,
                  `--contour-cert-file=${certificate}`,
                  `--contour-key-file=${key}`,
                  "--disable-feature=extensionservices",
                  ...(address === undefined
                    ? []
                    : [pulumi.interpolate`--ingress-status-address=${address}`]),
                ],
                env: [
                  { name: "CONTOUR_NAMESPACE", value: namespace },
                  { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
                ],
                ports: [
                  { name: "xds", containerPort: xdsPort },
                  { name: "metrics", containerPort: 8000 },
                ],
                resources: { requests: { cpu: "50m", memory: "64Mi" } },
                readinessProbe: { tcpSocket: { port: "xds" } },
                livenessProbe: { httpGet: { path: "/healthz", port: "metrics" } },
                securityContext: confined,
                volumeMounts: [{ name: "certificates", mountPath: "/certs", readOnly: true }],
              },
            ],
            volumes: [{ name: "certificates", secret: { secretName: "contourcert" } }],
          },
        },
      },
    },
    opts,
  );
}
