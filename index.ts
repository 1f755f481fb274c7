import * as pulumi from "@pulumi/pulumi";
import { type ClusterConfigInput } from "./components/plan/config";
import { HaCluster } from "./components";

const config = new pulumi.Config();
const settings = config.requireObject<ClusterConfigInput>("cluster");

const cluster = new HaCluster(settings.name, {
  config: settings,
  pkiRotation: config.get("pkiRotation"),
});
const { plan } = cluster;

/** Administrator's kubeconfig. Its server is the API's one name, reached from inside the VPC or through the bastion. */
export const kubeconfig = cluster.kubeconfig;
/** The way to the API. */
export const entry = {
  kind: plan.entry.kind,
  endpoint: cluster.entry.endpoint,
  address: cluster.entry.address,
};
/** Every host: name, role, pool, zone and private address. */
export const nodes = plan.hosts.map(({ name, role, pool, zone, address }) => ({
  name,
  role,
  pool,
  zone,
  address,
}));
/** Where to log in from outside, and as whom on every host. */
export const bastion = { address: cluster.bastionAddress, user: plan.config.sshUser };
/** Key of that login. */
export const sshPrivateKey = cluster.sshPrivateKey;
/** How many of each may be lost before the API or the data is. */
export const faultTolerance = plan.faultTolerance;
