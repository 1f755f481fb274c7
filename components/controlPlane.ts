import * as pulumi from "@pulumi/pulumi";
import type { ApiEntry } from "./entry/apiEntry";
import type { EtcdCluster } from "./etcd";
import { departureAccess } from "./departureAccess";
import type { Host } from "./host";
import { masterCaFiles, masterNodeFiles } from "./masterNode";
import type { ClusterPki } from "./pki/clusterPki";
import { joined } from "./pki/generations";
import type { ClusterPlan } from "./plan/cluster";
import type { RegistryLogins } from "./plan/registryLogins";
import { masterKeys, rotationTexts } from "./plan/rotation";
import { componentTokens } from "./plan/tokens";
import { registryLoginsFile } from "./registryLogins";
import {
  paths,
  renderAdmission,
  renderApiserverPatch,
  renderAuditPolicy,
  renderAuthentication,
  renderControllerManagerPatch,
  renderCoredns,
  renderCorefile,
  renderMetricsRights,
  renderEncryptionConfiguration,
  renderNetworkPolicy,
  renderNodeSettings,
  renderPodNetwork,
  renewalFiles,
} from "./render";
import { renderJoinRights } from "./addons/joinRights";
import { drainParams } from "./preparation";
import { hostNeeds } from "./needs";
import { type PlacedFile, RemoteStep } from "./remote/remoteStep";

/** Arguments of {@link ControlPlane}. */
export interface ControlPlaneArgs {
  plan: ClusterPlan;
  /** Hosts of the masters. */
  hosts: Host[];
  pki: ClusterPki;
  /** Where the masters keep everything. */
  etcd: EtcdCluster;
  /** The way to them. */
  entry: ApiEntry;
  /** Logins to container registries. @default none */
  registryLogins?: pulumi.Input<RegistryLogins> | undefined;
}

const addons = "/etc/kubernetes/addons";
const dns = "/etc/kubernetes/dns";
/** Seconds one master may take, from etcd being healthy to its node being Ready: most of it waiting for its turn, after the others and their pods. */
const seconds = 10_800;

/**
 * The masters: apiserver, controller-manager and scheduler on each, as static pods that kubeadm writes. All run the same `init`
 * side by side with the same authorities and keys, so none is the first and any may be replaced. Each also applies what the
 * cluster needs to be Ready (pod network, rights to join), all alike.
 */
export class ControlPlane extends pulumi.ComponentResource {
  /** One step a master; each ends when its node is Ready. */
  readonly masters: RemoteStep[];

  constructor(name: string, args: ControlPlaneArgs, opts?: pulumi.ComponentResourceOptions) {
    const { plan, hosts } = args;
    super(
      componentTokens.controlPlane,
      name,
      {
        masters: hosts.map((host) => host.plan.name),
        version: plan.config.versions.kubernetes,
        endpoint: plan.entry.endpoint,
        etcd: plan.etcdCluster.endpoints,
      },
      opts,
    );
    this.masters = hosts.map((host) => {
      const master = this.createMaster(host, args);
      args.entry.admit?.(host, master);
      return master;
    });
    this.registerOutputs({ endpoint: plan.entry.endpoint });
  }

  private createMaster(host: Host, args: ControlPlaneArgs): RemoteStep {
    const { plan, hosts, pki, etcd, entry } = args;
    const { name, address } = host.plan;
    const manifests = addonManifests(plan);
    return new RemoteStep(
      `${name}-control-plane`,
      {
        host,
        step: "control-plane",
        seconds,
        params: {
          NODE_NAME: name,
          NODE_ADDRESS: address,
          API_PORT: plan.apiserverPort,
          KUBERNETES_VERSION: plan.config.versions.kubernetes,
          MASTERS: plan.masters.map((master) => `${master.name}=${master.address}`),
          ...drainParams(plan.config),
          KUBEADM_CONFIG: paths.kubeadmConfig,
          API_CERTIFICATE_NAMES: plan.apiCertificateNames,
          ADDONS_DIR: addons,
          ADDONS: Object.keys(manifests),
          DNS_MANIFEST: `${dns}/coredns.yaml`,
          COREFILE: `${dns}/corefile.yaml`,
          NODE_SETTINGS: paths.nodeSettings,
          ROTATIONS: rotationTexts(plan.config.pki.rotation, masterKeys),
          PACKET_QUEUES: hostNeeds(plan, host.plan).packetQueues.map(String),
        },
        files: [
          ...masterNodeFiles(plan, host.plan),
          { path: paths.apiserverPatch, content: renderApiserverPatch(plan, host.plan) },
          ...controllerManagerPatch(plan),
          { path: paths.authentication, content: renderAuthentication(plan) },
          { path: paths.admission, content: renderAdmission(plan) },
          ...Object.entries(plan.config.controlPlane.extraFiles).map(([file, content]) => ({
            path: `${paths.apiserverDir}/${file}`,
            content,
          })),
          ...renewalFiles(plan, host.plan, "control-plane"),
          ...departureAccess(plan, pki),
          { path: paths.auditPolicy, content: renderAuditPolicy() },
          ...Object.entries(manifests).map(([addon, content]) => ({
            path: `${addons}/${addon}.yaml`,
            content,
          })),
          { path: paths.nodeSettings, content: renderNodeSettings(plan) },
          { path: `${dns}/coredns.yaml`, content: renderCoredns(plan) },
          { path: `${dns}/corefile.yaml`, content: renderCorefile(plan) },
        ],
        secretFiles: [...keyFiles(plan, pki), registryLoginsFile(plan, args.registryLogins)],
      },
      // An apiserver does not start without etcd. All members, so that none is still changing when the masters begin; and all masters' hosts, so that what
      // one of them cannot have, an image of another release, is known before any is changed.
      {
        parent: this,
        dependsOn: [
          ...hosts.map((each) => each.prepare()),
          ...etcd.members,
          ...(entry.before?.(host) ?? []),
        ],
      },
    );
  }
}

/** What the masters apply before the first node is Ready, by name. One that is here no more is taken away. */
function addonManifests({ podNetwork, monitoring }: ClusterPlan): Record<string, string> {
  const { networkPolicy } = podNetwork;
  return {
    [podNetwork.kind]: renderPodNetwork(podNetwork),
    ...(networkPolicy && { [networkPolicy.kind]: renderNetworkPolicy(networkPolicy) }),
    "join-rights": renderJoinRights(),
    ...(monitoring && { "metrics-rights": renderMetricsRights(monitoring.user) }),
  };
}

function controllerManagerPatch(plan: ClusterPlan): PlacedFile[] {
  const content = renderControllerManagerPatch(plan);
  return content === undefined ? [] : [{ path: paths.controllerManagerPatch, content }];
}

/** What makes a host one of the masters. etcd's own key is not among it: as such it is a client of etcd and no more. */
function keyFiles(plan: ClusterPlan, pki: ClusterPki): PlacedFile[] {
  const { encryptionKeys, serviceAccountKeys } = pki;
  const { etcdAuthorities, etcdClients, frontProxyAuthorities } = pki;
  const open = (path: string, content: pulumi.Input<string>) => ({ path, content, mode: "0644" });
  return [
    ...masterCaFiles(plan, pki),
    // kubeadm issues by the first certificate of a file; apiservers accept all of them.
    open(
      `${paths.pki}/front-proxy-ca.crt`,
      joined(frontProxyAuthorities, ({ crt }) => crt),
    ),
    { path: `${paths.pki}/front-proxy-ca.key`, content: frontProxyAuthorities[0].key.key },
    open(
      `${paths.pki}/sa.pub`,
      joined(serviceAccountKeys, ({ pub }) => pub),
    ),
    { path: `${paths.pki}/sa.key`, content: serviceAccountKeys[0].key.key },
    open(
      paths.etcdCa,
      joined(etcdAuthorities, ({ crt }) => crt),
    ),
    open(`${paths.etcdClients}/etcd/ca.crt`, etcdClients.crt),
    { path: `${paths.etcdClients}/etcd/ca.key`, content: etcdClients.key },
    {
      path: paths.encryption,
      content: pulumi
        .all(
          encryptionKeys.map(({ generation, key }) => ({ name: `key${generation}`, secret: key })),
        )
        .apply(renderEncryptionConfiguration),
    },
  ];
}
