import * as pulumi from "@pulumi/pulumi";
import { ClusterPki } from "../../../components/pki/clusterPki";

// The keys of a cluster alone, without the cluster.
const config = new pulumi.Config();
const pki = new ClusterPki("test", {
  cluster: "test",
  rotation: config.get("rotation"),
  clientRotation: config.get("clientRotation"),
});
const machine = pulumi.output(config.get("machine") ?? "ins-1");

export const authority = pki.authorities.apply(({ kubernetes }) => kubernetes.crt);
export const etcdAuthority = pki.authorities.apply(({ etcd }) => etcd.crt);
export const admin = pki.admin.apply(({ crt }) => crt);
export const etcdClients = pki.etcdClients.apply(({ crt }) => crt);
export const bootstrap = pki
  .bootstrapCertificate("worker-1", {
    id: machine,
    createTime: pulumi.output("2026-01-01T00:00:00Z"),
  })
  .apply(({ crt }) => crt);
