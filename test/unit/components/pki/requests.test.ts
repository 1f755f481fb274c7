import { createPrivateKey, createPublicKey, X509Certificate } from "node:crypto";
import type { CertificateAndKey } from "../../../../components/pki/authority";
import {
  answer,
  type Authorities,
  frontProxyName,
  type KeyPair,
} from "../../../../components/pki/requests";

describe("authorities", () => {
  let made: Authorities;
  beforeAll(async () => {
    made = (await answer({ make: "authorities", days: 3650 })) as Authorities;
  });

  test.each([
    ["kubernetes", "kubernetes"],
    ["etcd", "etcd-ca"],
    ["frontProxy", "front-proxy-ca"],
  ] as const)("%s is an authority of its own", (which, name) => {
    const certificate = new X509Certificate(made[which].crt);
    expect(certificate.ca).toBe(true);
    expect(certificate.subject).toBe(`CN=${name}`);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.checkPrivateKey(createPrivateKey(made[which].key))).toBe(true);
    const years = (Date.parse(certificate.validTo) - Date.now()) / (365 * 24 * 3600 * 1000);
    expect(years).toBeCloseTo(10, 1);
    // A host whose clock is behind must not refuse it.
    expect(Date.parse(certificate.validFrom)).toBeLessThan(Date.now() - 5 * 60 * 1000);
  });

  test("the service account's public key is that of its private key", () => {
    const { pub, key } = made.serviceAccount;
    expect(createPublicKey(createPrivateKey(key)).export({ type: "spki", format: "pem" })).toBe(
      pub,
    );
  });

  test("secrets are 32 bytes and differ", () => {
    const secrets = [made.encryptionKey, made.sshSeed];
    for (const secret of secrets) expect(Buffer.from(secret, "base64")).toHaveLength(32);
    expect(new Set(secrets).size).toBe(2);
  });

  test("a client certificate names user and groups, is for clients only, and its authority vouches for it", async () => {
    const { node } = (await answer({
      make: "clients",
      clients: {
        node: {
          authority: made.kubernetes,
          commonName: "system:bootstrap:lab-worker-1",
          organizations: ["system:bootstrappers:kubeadm:default-node-token"],
          days: 7,
        },
      },
    })) as Record<"node", { crt: string; key: string }>;
    const certificate = new X509Certificate(node.crt);
    const authority = new X509Certificate(made.kubernetes.crt);
    expect(certificate.subject).toBe(
      "O=system:bootstrappers:kubeadm:default-node-token\nCN=system:bootstrap:lab-worker-1",
    );
    expect(certificate.checkIssued(authority)).toBe(true);
    expect(certificate.verify(authority.publicKey)).toBe(true);
    expect(certificate.verify(new X509Certificate(made.etcd.crt).publicKey)).toBe(false);
    expect(certificate.ca).toBe(false);
    expect(certificate.keyUsage).toEqual(["1.3.6.1.5.5.7.3.2"]);
    expect(certificate.checkPrivateKey(createPrivateKey(node.key))).toBe(true);
    const days = (Date.parse(certificate.validTo) - Date.now()) / (24 * 3600 * 1000);
    expect(days).toBeCloseTo(7, 1);
  });
});

test("a later generation of a key is another one", async () => {
  const secret = (await answer({ make: "encryptionKey" })) as string;
  expect(Buffer.from(secret, "base64")).toHaveLength(32);
  expect(await answer({ make: "encryptionKey" })).not.toBe(secret);
  const { pub, key } = (await answer({ make: "serviceAccountKey" })) as KeyPair;
  expect(createPublicKey(createPrivateKey(key)).export({ type: "spki", format: "pem" })).toBe(pub);
  expect(await answer({ make: "serviceAccountKey" })).not.toEqual({ pub, key });
  const ofAuthority = { make: "authority", commonName: frontProxyName, days: 10 } as const;
  const authority = (await answer(ofAuthority)) as CertificateAndKey;
  const certificate = new X509Certificate(authority.crt);
  expect(certificate).toMatchObject({ subject: "CN=front-proxy-ca", ca: true });
  expect(certificate.checkPrivateKey(createPrivateKey(authority.key))).toBe(true);
  expect(((await answer(ofAuthority)) as CertificateAndKey).key).not.toBe(authority.key);
});
