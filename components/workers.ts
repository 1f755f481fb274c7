import * as pulumi from "@pulumi/pulumi";
import type { ApiEntry } from "./entry/apiEntry";
import type { EtcdCluster } from "./etcd";
import type { Host } from "./host";
import type { ClusterPki } from "./pki/clusterPki";
import type { ClusterPlan } from "./plan/cluster";
import { paths, renderDiscovery, renderJoinConfiguration, renderKubeletPatch } from "./render";
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
    const authority = pki.authorities.kubernetes.crt;
    const certificate = pki.bootstrapCertificate(name, host.instance);
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
          BOOTSTRAP_CLIENT: paths.bootstrapClient,
        },
        files: [
          { path: kubeadmConfig, content: renderJoinConfiguration(plan, host.plan) },
          { path: paths.kubeletPatch, content: renderKubeletPatch(plan, host.plan) },
          { path: paths.discovery, content: renderDiscovery(plan), mode: "0600" },
        ],
        secretFiles: [
          { path: `${paths.pki}/ca.crt`, content: authority, mode: "0644" },
          {
            path: paths.bootstrapClient,
            content: certificate.apply(({ crt, key }) => crt + key),
          },
        ],
      },
      // Not on the masters: the step waits for the API itself, and one master that is late must not keep the workers. On etcd,
      // so that nobody waits for an API that cannot come.
      { parent: this, dependsOn: [host.prepared, ...etcd.members] },
    );
  }
}
