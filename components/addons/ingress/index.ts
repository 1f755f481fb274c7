import { Namespace, Service } from "@pulumi/kubernetes/core/v1";
import { IngressClass } from "@pulumi/kubernetes/networking/v1";
import * as pulumi from "@pulumi/pulumi";
import { createCertificates } from "./certificates";
import { createContour } from "./contour";
import { createEnvoy } from "./envoy";
import { app, namespace, xdsPort } from "./names";
import type { IngressArgs } from "./options";
import { createRights } from "./rights";

/**
 * Contour and Envoy: Ingresses of class `contour` are served on every worker, at two ports of it, which HAProxy of the cluster's entry fronts
 * (`entry.extraFrontends` with `pool`). Envoys serve; two Contours, either of which may die, tell them what.
 *
 * Contour reads all Secrets of the cluster, as certificates of Ingresses are among them.
 */
export class IngressController extends pulumi.ComponentResource {
  /** @param opts Has the provider of the cluster, in `providers`. */
  constructor(name: string, args: IngressArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kubernetes-ha:addons:IngressController", name, args, opts);
    const space = new Namespace(name, { metadata: { name: namespace } }, { parent: this });
    const inside = { parent: this, dependsOn: [space] };
    const rights = createRights(name, inside);
    const certificates = createCertificates(name, args, inside);
    const contour = createContour(name, args, {
      ...inside,
      dependsOn: [...rights, certificates],
    });
    // A Service is waited for until it leads to somebody who is ready, so it comes after its pods.
    const xds = createXdsService(name, { ...inside, dependsOn: [contour] });
    // An Envoy is ready once a Contour has told it what to serve.
    const envoy = createEnvoy(name, args, { ...inside, dependsOn: [xds] });
    createNodePorts(name, args, { ...inside, dependsOn: [envoy] });
    createClass(name, { parent: this });
    this.registerOutputs({});
  }
}

/** Where Envoys find a Contour. */
function createXdsService(name: string, opts: pulumi.CustomResourceOptions): Service {
  return new Service(
    `${name}-contour`,
    {
      metadata: { name: "contour", namespace, labels: app("contour") },
      spec: { selector: app("contour"), ports: [{ name: "xds", port: xdsPort }] },
    },
    opts,
  );
}

/** Where HAProxy finds Envoys. A worker without one takes no connection, so a check of the port is one of its Envoy. */
function createNodePorts(
  name: string,
  args: IngressArgs,
  opts: pulumi.CustomResourceOptions,
): Service {
  return new Service(
    `${name}-envoy`,
    {
      metadata: { name: "envoy", namespace, labels: app("envoy") },
      spec: {
        type: "NodePort",
        externalTrafficPolicy: "Local",
        selector: app("envoy"),
        ports: [
          { name: "http", port: 80, targetPort: "http", nodePort: args.httpNodePort },
          { name: "https", port: 443, targetPort: "https", nodePort: args.httpsNodePort },
        ],
      },
    },
    opts,
  );
}

function createClass(name: string, opts: pulumi.CustomResourceOptions): IngressClass {
  return new IngressClass(
    name,
    {
      metadata: { name: "contour" },
      spec: { controller: "projectcontour.io/ingress-controller" },
    },
    opts,
  );
}
