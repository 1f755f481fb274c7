import { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import { clusterIdentity, throughProxy } from "../components/render/clusterAccess";
import { pulledAs } from "./image";
import { IngressController, ingressImages, type IngressOptions } from "./ingressController";
import { MetricsServer, metricsServerImages, type MetricsServerOptions } from "./metricsServer";
import { parseAddons } from "./options";

/** Add-ons, each with its options; one that is not named is not there. What is asked for decides how many resources exist, so it is plain. */
export interface AddonsChoice {
  /** `kubectl top`, and what HorizontalPodAutoscalers go by. @default none */
  metricsServer?: MetricsServerOptions;
  /** An ingress controller, which HAProxy of the cluster's entry can front. @default none */
  ingress?: IngressOptions;
}

/** Arguments of {@link ClusterAddons}. */
export interface ClusterAddonsArgs extends AddonsChoice {
  /** Administrator's kubeconfig: output `kubeconfig` of the cluster's stack, or of HaCluster. Secret. */
  kubeconfig: pulumi.Input<string>;
  /**
   * Proxy that the API is reached through, whose name and address are known inside the VPC alone: `socks5://127.0.0.1:1080` while an
   * `ssh -fN bastion-socks` runs. Another one changes nothing in the cluster. @default none, for who is inside the VPC
   */
  proxy?: string;
  /** Repository of a mirror, which has the images of all add-ons side by side, as `sources.imageRepository` of the cluster. @default each project's own */
  imageRepository?: string;
}

/**
 * What people put on a cluster through its API: a provider made from the cluster's kubeconfig, and each add-on that is named. Belongs into a stack of its
 * own: it needs a way to the API, which the cluster's stack does without.
 */
export class ClusterAddons extends pulumi.ComponentResource {
  /** The way to the cluster, for resources of your own beside the add-ons. */
  readonly provider: Provider;

  /** @throws AddonsError with everything that is wrong with the arguments. */
  constructor(name: string, args: ClusterAddonsArgs, opts?: pulumi.ComponentResourceOptions) {
    const { proxy, imageRepository, ...chosen } = parseAddons(args);
    super("kubernetes-ha:addons:ClusterAddons", name, { imageRepository, ...chosen }, opts);
    const { metricsServer, ingress } = chosen;
    const kubeconfig = pulumi.secret(args.kubeconfig);
    this.provider = new Provider(
      name,
      {
        kubeconfig: kubeconfig.apply((text) => (proxy ? throughProxy(text, proxy) : text)),
        // By itself the provider would take another way to the API for another cluster, and make everything anew.
        clusterIdentifier: pulumi.unsecret(kubeconfig.apply(clusterIdentity)),
      },
      { parent: this },
    );
    const inside = { parent: this, providers: [this.provider] };
    if (metricsServer)
      new MetricsServer(`${name}-metrics-server`, { ...metricsServer, imageRepository }, inside);
    if (ingress) new IngressController(`${name}-ingress`, { ...ingress, imageRepository }, inside);
    this.registerOutputs({});
  }
}

/** Images that add-ons run, from where their projects publish them, for whoever fills a mirror. */
export function addonImages({ metricsServer, ingress }: AddonsChoice): string[] {
  return [
    ...(metricsServer ? metricsServerImages(metricsServer) : []),
    ...(ingress ? ingressImages(ingress) : []),
  ].map((image) => pulledAs(image));
}
