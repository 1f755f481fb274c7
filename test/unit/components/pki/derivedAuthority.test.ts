import { createPrivateKey, X509Certificate } from "node:crypto";
import { type CertificateAndKey, makeAuthority } from "../../../../components/pki/authority";
import { deriveClientAuthority } from "../../../../components/pki/derivedAuthority";
import { derivingSigner } from "../../../../components/pki/derivedClient";

const seedOf = (byte: number) => Buffer.alloc(32, byte).toString("base64");
let etcd: CertificateAndKey;
beforeAll(async () => {
  etcd = await makeAuthority("etcd-ca", 3650);
});
const derive = async (byte = 7) =>
  deriveClientAuthority(await derivingSigner(etcd), "etcd-clients", seedOf(byte));

test("the same seed gives the same authority, another one another", async () => {
  const made = await derive();
  expect(await derive()).toEqual(made);
  expect((await derive(8)).key).not.toBe(made.key);
});

test("it vouches for clients alone, is vouched for by the other, and ends with it", async () => {
  const { crt, key } = await derive();
  const [certificate, above] = [new X509Certificate(crt), new X509Certificate(etcd.crt)];
  expect(certificate.ca).toBe(true);
  expect(certificate.keyUsage).toEqual(["1.3.6.1.5.5.7.3.2"]);
  expect(certificate.checkIssued(above) && certificate.verify(above.publicKey)).toBe(true);
  expect(certificate.validTo).toBe(above.validTo);
  expect(certificate.checkPrivateKey(createPrivateKey(key))).toBe(true);
  // Not etcd's own: masters hold it.
  expect(key).not.toBe(etcd.key);
});
