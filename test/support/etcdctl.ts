import type { LabCluster } from "../../lab/cluster";

const pki = "/etc/kubernetes/pki/etcd";

/** @returns what etcdctl printed on the host of a member. @param endpoint Another member than its own. */
export const etcdctl = (
  lab: LabCluster,
  host: string,
  command: string,
  endpoint = "https://127.0.0.1:2379",
): Promise<string> =>
  lab.onHost(
    host,
    `etcdctl --endpoints ${endpoint} --dial-timeout 2s --cacert ${pki}/ca.crt --cert ${pki}/healthcheck-client.crt --key ${pki}/healthcheck-client.key ${command}`,
  );
