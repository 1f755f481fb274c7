import * as pulumi from "@pulumi/pulumi";
import { HaCluster } from "./components";
import { type ClusterConfigInput } from "./components/plan/config";
import { type RegistryLogins } from "./components/plan/registryLogins";
import { type RegistryPasswords } from "./components/plan/registryPasswords";

// The SDK takes a stack trace for every promise, hundreds a host, and each goes through source maps: two thirds of this program's
// time. Only the search for leaked promises reads them.
if (process.env["PULUMI_DEBUG_PROMISE_LEAKS"] === undefined) Error.stackTraceLimit = 0;

const config = new pulumi.Config();
const settings = config.requireObject<ClusterConfigInput>("cluster");

const cluster = new HaCluster(settings.name, {
  config: settings,
  pkiRotation: config.get("pkiRotation"),
  clientRotation: config.get("clientRotation"),
  registryLogins: config.getSecretObject<RegistryLogins>("registryLogins"),
  registryPasswords: config.getSecretObject<RegistryPasswords>("registryPasswords"),
});
const { plan } = cluster;

/** Administrator's kubeconfig. Its server is the API's one name, reached from inside the VPC or through the bastion. */
export const kubeconfig = cluster.kubeconfig;
/** The way to the API. */
export const entry = {
  kind: plan.entry.kind,
  name: plan.entry.apiName,
  address: cluster.entry.address,
  port: plan.entry.port,
};
/** Every host, the bastion included. */
export const nodes = cluster.nodes;
/** Where to log in from outside; `publicIp` is its private address where `bastion.publicAddress` is false. */
export const bastion = {
  name: plan.bastion.name,
  publicIp: cluster.bastionAddress,
  hostKey: cluster.nodes.find(({ name }) => name === plan.bastion.name)?.hostKey,
};
/** Login user of every host, and its key. */
export const sshUser = plan.config.sshUser;
export const sshPrivateKey = cluster.sshPrivateKey;
/** What opens snapshots in the object storage. Keep a copy where the state is not. */
export const snapshotKey = cluster.snapshotKey;
/** When the authorities and the administrator's certificate end, UTC. What hosts issue they renew themselves: docs/runbooks/certificates.md. */
export const certificateEnds = cluster.certificateEnds;
/** How many of each may be lost before the API or the data is. */
export const faultTolerance = plan.faultTolerance;

const { registry, monitoring } = cluster;
// Not among the exports above: the engine warns at every run of an output that is undefined.
Object.assign(module.exports as object, {
  /** The cluster's own registry, if it has one: where images are pulled and pushed, and by whom. */
  ...(registry && { registry }),
  /** What a Prometheus needs to watch the cluster, if it has `monitoring`: docs/monitoring.md. */
  ...(monitoring && { monitoring }),
});
