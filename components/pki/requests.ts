import { randomBytes } from "node:crypto";
import {
  type CertificateAndKey,
  type ClientRequest,
  issueClient,
  makeAuthority,
  makeKeyPair,
  makeRsaKey,
} from "./authority";

/** A key that signs, and the one by which that is known; PEM. */
export interface KeyPair {
  pub: string;
  key: string;
}

/** Common names of authorities, as kubeadm has them. */
export const kubernetesName = "kubernetes";
export const etcdName = "etcd-ca";
export const frontProxyName = "front-proxy-ca";

/** Everything that is made once for a cluster and lives as long as it. */
export interface Authorities {
  kubernetes: CertificateAndKey;
  etcd: CertificateAndKey;
  frontProxy: CertificateAndKey;
  /** Signs service account tokens. */
  serviceAccount: KeyPair;
  /** 32 random bytes, base64: encrypts Secrets in etcd. */
  encryptionKey: string;
  /** 32 random bytes, base64: every SSH key of the cluster is derived from it, and every worker's first certificate. */
  sshSeed: string;
}

/** What the command is asked on standard input. */
export type PkiRequest =
  | { make: "authorities"; days: number }
  | { make: "authority"; commonName: string; days: number }
  | { make: "encryptionKey" }
  | { make: "serviceAccountKey" }
  | { make: "rsaKey" }
  | { make: "clients"; clients: Record<string, ClientRequest> };

/** Carries out a request. The answer is JSON on standard output, all of it secret. */
export async function answer(
  request: PkiRequest,
): Promise<Authorities | CertificateAndKey | Record<string, CertificateAndKey> | KeyPair | string> {
  switch (request.make) {
    case "authorities": {
      const [kubernetes, etcd, frontProxy, serviceAccount] = await Promise.all([
        makeAuthority(kubernetesName, request.days),
        makeAuthority(etcdName, request.days),
        makeAuthority(frontProxyName, request.days),
        makeKeyPair(),
      ]);
      return {
        kubernetes,
        etcd,
        frontProxy,
        serviceAccount,
        encryptionKey: secret(),
        sshSeed: secret(),
      };
    }
    case "authority":
      return makeAuthority(request.commonName, request.days);
    case "encryptionKey":
      return secret();
    case "serviceAccountKey":
      return makeKeyPair();
    case "rsaKey":
      return makeRsaKey();
    case "clients": {
      const issued = Object.entries(request.clients).map(
        async ([name, client]) => [name, await issueClient(client)] as const,
      );
      return Object.fromEntries(await Promise.all(issued));
    }
    default: {
      const unknown: never = request;
      throw new Error(`unknown request ${JSON.stringify(Object.keys(unknown))}`);
    }
  }
}

/** 32 random bytes, base64. */
function secret(): string {
  return randomBytes(32).toString("base64");
}
