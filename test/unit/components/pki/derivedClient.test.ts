import { createPrivateKey, generateKeyPairSync, X509Certificate } from "node:crypto";
import fc from "fast-check";
import {
  type CertificateAndKey,
  makeAuthority,
  type Signer,
} from "../../../../components/pki/authority";
import {
  type Derivation,
  deriveClient,
  deriveServer,
  derivingSigner,
} from "../../../../components/pki/derivedClient";

const seed = Buffer.alloc(32, 7).toString("base64");
const derivation = (more: Partial<Derivation> = {}): Derivation => ({
  ...{ seed, purpose: "bootstrap/worker-1/ins-1", from: new Date("2026-01-01T00:00:00Z") },
  ...more,
});

let authority: CertificateAndKey;
let signer: Signer;
beforeAll(async () => {
  authority = await makeAuthority("kubernetes", 3650);
  signer = await derivingSigner(authority);
});
const derive = (more: Partial<Derivation> = {}) =>
  deriveClient(
    signer,
    { commonName: "system:bootstrap:worker-1", organizations: ["joiners"], days: 7 },
    derivation(more),
  );

test("the same inputs give the same certificate and key, signature and serial number included", async () => {
  expect(await derive()).toEqual(await derive());
});

test.each<[string, Partial<Derivation>]>([
  ["machine", { purpose: "bootstrap/worker-1/ins-2" }],
  ["seed", { seed: Buffer.alloc(32, 8).toString("base64") }],
])("another %s, another key and another serial number", async (_, more) => {
  const [one, other] = [await derive(), await derive(more)];
  expect(other.key).not.toBe(one.key);
  expect(new X509Certificate(other.crt).serialNumber).not.toBe(
    new X509Certificate(one.crt).serialNumber,
  );
});

test("its authority vouches for it, its key is its own, and it is valid from its machine's birth on", async () => {
  const { crt, key } = await derive();
  const certificate = new X509Certificate(crt);
  expect(certificate.verify(new X509Certificate(authority.crt).publicKey)).toBe(true);
  expect(certificate.checkPrivateKey(createPrivateKey(key))).toBe(true);
  expect(certificate.subject).toBe("O=joiners\nCN=system:bootstrap:worker-1");
  expect(certificate.keyUsage).toEqual(["1.3.6.1.5.5.7.3.2"]);
  expect(new Date(certificate.validFrom)).toEqual(new Date("2025-12-31T23:50:00Z"));
  expect(new Date(certificate.validTo)).toEqual(new Date("2026-01-08T00:00:00Z"));
});

describe("of a server", () => {
  const names = ["harbor.prod.internal", "web.prod.internal"];
  const server = (of: readonly string[] = names) =>
    deriveServer(signer, of, { seed, purpose: "haproxy" });

  test("it is for its names and for serving alone, as long as its authority is", async () => {
    const { crt, key } = await server();
    const [certificate, ca] = [new X509Certificate(crt), new X509Certificate(authority.crt)];
    expect(certificate.verify(ca.publicKey)).toBe(true);
    expect(certificate.checkPrivateKey(createPrivateKey(key))).toBe(true);
    expect(certificate.publicKey.asymmetricKeyDetails?.namedCurve).toBe("prime256v1");
    for (const name of names) expect(certificate.checkHost(name)).toBe(name);
    expect(certificate.checkHost("api.prod.internal")).toBeUndefined();
    expect(certificate.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
    expect(certificate.ca).toBe(false);
    expect([certificate.validFrom, certificate.validTo]).toEqual([ca.validFrom, ca.validTo]);
  });

  test("the same inputs give the same one, other names another number", async () => {
    expect(await server()).toEqual(await server());
    const [one, other] = [await server(), await server(names.slice(1))];
    const serialOf = ({ crt }: CertificateAndKey) => new X509Certificate(crt).serialNumber;
    expect(serialOf(one)).not.toBe(serialOf(other));
  });
});

test("every signature is one that OpenSSL takes", async () => {
  const { publicKey } = new X509Certificate(authority.crt);
  await fc.assert(
    fc.asyncProperty(fc.string(), async (purpose) =>
      new X509Certificate((await derive({ purpose })).crt).verify(publicKey),
    ),
    { numRuns: 50 },
  );
});

test("another reading of the authority signs the same", async () => {
  const before = await derive();
  signer = await derivingSigner(authority);
  expect(await derive()).toEqual(before);
});

test.each<[string, (key: string) => string]>([
  [
    "of another kind",
    () =>
      generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  ],
  ["that is cut off", (key) => key.slice(0, 60)],
])("an authority with a key %s is refused", async (_, change) => {
  await expect(derivingSigner({ ...authority, key: change(authority.key) })).rejects.toThrow();
});
