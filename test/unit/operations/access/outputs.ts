import { renderKubeconfig } from "../../../../components/kubeconfig";
import { deriveSshKey } from "../../../../components/pki/sshKey";
import type { StackOutputs } from "../../../../operations/access/outputs";

const seed = Buffer.alloc(32, 7).toString("base64");

/** Key that an outsider logs in with. */
export const operatorKey = deriveSshKey(seed, "operator");
/** Key that a host shows. */
export const hostKey = (name: string) => deriveSshKey(seed, `host/${name}`);

/** What index.ts gives out, for a cluster of a bastion and two hosts. */
export function outputsOf(publicIp = "203.0.113.7"): StackOutputs {
  const node = (name: string, role: string, privateIp: string) => ({
    ...{ name, role, privateIp },
    hostKey: hostKey(name).publicKey,
  });
  const nodes = [
    node("prod-bastion-1", "bastion", "10.0.0.2"),
    node("prod-etcd-1", "etcd", "10.0.0.3"),
    node("prod-master-1", "master", "10.0.0.4"),
  ];
  return {
    kubeconfig: renderKubeconfig({
      cluster: "prod",
      server: "https://api.prod.internal:6443",
      authority: "authority",
      user: "kubernetes-admin",
      client: { crt: "certificate", key: "key" },
    }),
    sshPrivateKey: operatorKey.privateKey,
    sshUser: "kubernetes",
    bastion: { name: "prod-bastion-1", publicIp, hostKey: hostKey("prod-bastion-1").publicKey },
    entry: { kind: "vip", name: "api.prod.internal", address: "10.0.0.9", port: 6443 },
    nodes,
    faultTolerance: { etcd: 1, masters: 2 },
    certificateEnds: {
      authorities: "2036-01-01T00:00:00.000Z",
      administrator: "2028-01-01T00:00:00.000Z",
    },
  };
}
