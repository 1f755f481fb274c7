import * as pulumi from "@pulumi/pulumi";
import type { ApiEntry } from "./entry/apiEntry";
import type { EtcdCluster } from "./etcd";
import type { Host } from "./host";
import { renderKubeconfig } from "./kubeconfig";
import type { ClusterPki } from "./pki/clusterPki";
import type { ClusterPlan } from "./plan/cluster";
import { paths, renderJoinConfiguration, renderKubeletPatch } from "./render";
import { prepareFit } from "./preflight/hostPreflight";
import { RemoteStep } from "./remote/remoteStep";

/** Arguments of {@link Workers}. */
export interface WorkersArgs {
  plan: ClusterPlan;
  /** Hosts of all pools. */
  hosts: Host[];
  pki: ClusterPki;
  /** The way to the API. */
  entry: ApiEntry;
  /** What the API waits for. */
  etcd: EtcdCluster;
}

const kubeadmConfig = "/etc/kubernetes/kubeadm.yaml";
/** Seconds one worker may take; most of it waiting for the first apiserver when a cluster is made. */
const seconds = 1200;

/**
 * The workers of all pools. Each joins by itself as soon as the API answers through the entry, with a certificate made for
 * its machine alone; no other host is touched, and no step of another is waited for.
 */
export class Workers extends pulumi.ComponentResource {
  /** One step a worker; each ends when its node is Ready. */
  readonly nodes: RemoteStep[];

  constructor(name: string, args: WorkersArgs, opts?: pulumi.ComponentResourceOptions) {
    const { plan, hosts } = args;
    super("kubernetes-ha:index:Workers", name, { endpoint: plan.entry.endpoint }, opts);
    this.nodes = hosts.map((host) => this.createWorker(host, args));
    this.registerOutputs({ nodes: hosts.map((host) => host.plan.name) });
  }

  private createWorker(host: Host, { plan, pki, entry, etcd }: WorkersArgs): RemoteStep {
    const { name } = host.plan;
    const fit = prepareFit(plan, host, this);
    const certificate = pki.bootstrapCertificate(`${name}-bootstrap`, name, host.instance.id, {
      parent: this,
    });
    const authority = pki.authorities.kubernetes.crt;
    const discovery = pulumi.all([authority, certificate]).apply(([crt, client]) =>
      renderKubeconfig({
        cluster: plan.name,
        server: entry.url,
        authority: crt,
        user: "bootstrap",
        client,
      }),
    );
    return new RemoteStep(
      `${name}-worker`,
      {
        host,
        step: "worker",
        seconds,
        params: {
          NODE_NAME: name,
          API_URL: entry.url,
          KUBEADM_CONFIG: kubeadmConfig,
          DISCOVERY_FILE: paths.discovery,
        },
        files: [
          { path: kubeadmConfig, content: renderJoinConfiguration(plan, host.plan) },
          { path: paths.kubeletPatch, content: renderKubeletPatch(plan, host.plan) },
        ],
        secretFiles: [
          { path: `${paths.pki}/ca.crt`, content: authority, mode: "0644" },
          { path: paths.discovery, content: discovery },
        ],
      },
      // Not on the masters: the step waits for the API itself, and one master that is late must not keep the workers. On etcd,
      // so that nobody waits for an API that cannot come.
      { parent: this, dependsOn: [fit, ...etcd.members] },
    );
  }
}
