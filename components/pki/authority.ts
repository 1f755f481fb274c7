import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import {
  createPublicKey,
  generateKeyPairSync,
  KeyObject,
  randomBytes,
  webcrypto,
} from "node:crypto";

x509.cryptoProvider.set(webcrypto);

/** A certificate and its private key, both PEM. */
export interface CertificateAndKey {
  crt: string;
  key: string;
}

/** Whom a client certificate is for. */
export interface Client {
  /** User name. */
  commonName: string;
  /** Groups. */
  organizations: string[];
  /** Days it is valid. */
  days: number;
}

/** A client certificate to issue. */
export interface ClientRequest extends Client {
  /** Authority that signs it. */
  authority: CertificateAndKey;
}

/** Of every key that signs. */
export const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const dayMs = 24 * 60 * 60 * 1000;
/** A host whose clock is a little behind must not take a new certificate for one of the future. */
const clockSkewMs = 10 * 60 * 1000;

/**
 * A self-signed authority as kubeadm makes them: P-256, the name also as DNS name.
 * @param days Days it is valid.
 */
export async function makeAuthority(commonName: string, days: number): Promise<CertificateAndKey> {
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(randomBytes(16)),
    name: [{ CN: [commonName] }],
    ...validity(days, new Date()),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.digitalSignature |
          x509.KeyUsageFlags.keyEncipherment |
          x509.KeyUsageFlags.keyCertSign,
        true,
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      new x509.SubjectAlternativeNameExtension([{ type: "dns", value: commonName }]),
    ],
  });
  return { crt: pemText(certificate.toString("pem")), key: await keyPem(keys.privateKey) };
}

/** Issues a client certificate. @throws when key and certificate of the authority cannot be read. */
export async function issueClient({
  authority,
  ...client
}: ClientRequest): Promise<CertificateAndKey> {
  const { privateKey } = await generateKeys();
  return signClient(await readSigner(authority), client, {
    key: KeyObject.from(privateKey),
    serialNumber: serialNumber(randomBytes(16)),
    from: new Date(),
  });
}

/** An authority that has been read, to sign any number of certificates. */
export interface Signer {
  certificate: x509.X509Certificate;
  keyIdentifier: x509.Extension;
  key: webcrypto.CryptoKey;
  /** Who signs. */
  crypto: Pick<webcrypto.Crypto, "subtle">;
}

/** Reads an authority. @throws when its key or certificate cannot be read. */
export async function readSigner(
  { crt, key }: CertificateAndKey,
  crypto: Signer["crypto"] = webcrypto,
): Promise<Signer> {
  const certificate = new x509.X509Certificate(crt);
  return {
    certificate,
    keyIdentifier: await x509.AuthorityKeyIdentifierExtension.create(certificate),
    key: await importKey(key),
    crypto,
  };
}

/** What makes one certificate differ from another of the same client. */
export interface Issue {
  /** The client's own key. */
  key: KeyObject;
  /** Hexadecimal. */
  serialNumber: string;
  /** When it begins to be valid. */
  from: Date;
}

/** Signs a client certificate. */
export async function signClient(
  signer: Signer,
  { organizations, commonName, days }: Client,
  { from, ...issue }: Issue,
): Promise<CertificateAndKey> {
  const names = [
    ...organizations.map((organization) => ({ O: [organization] })),
    { CN: [commonName] },
  ];
  const usage = [new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth])];
  return signLeaf(signer, names, usage, { ...issue, ...validity(days, from) });
}

/** Signs a certificate of a server that goes by some DNS names, as long valid as its authority: whoever trusts the one trusts the other. */
export async function signServer(
  signer: Signer,
  names: readonly string[],
  issue: Omit<Issue, "from">,
): Promise<CertificateAndKey> {
  const { notBefore, notAfter } = signer.certificate;
  const usage = [
    new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
    new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: "dns", value }))),
  ];
  return signLeaf(signer, [{ CN: [...names].slice(0, 1) }], usage, {
    ...issue,
    ...{ notBefore, notAfter },
  });
}

async function signLeaf(
  signer: Signer,
  subject: x509.JsonName,
  usage: readonly x509.Extension[],
  issue: Omit<Issue, "from"> & { notBefore: Date; notAfter: Date },
): Promise<CertificateAndKey> {
  const { key, ...times } = issue;
  const certificate = await x509.X509CertificateGenerator.create(
    {
      ...times,
      subject,
      issuer: signer.certificate.subject,
      signingAlgorithm: algorithm,
      publicKey: createPublicKey(key).export({ format: "der", type: "spki" }),
      signingKey: signer.key,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(
          x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment,
          true,
        ),
        ...usage,
        signer.keyIdentifier,
      ],
    },
    signer.crypto,
  );
  return {
    crt: pemText(certificate.toString("pem")),
    key: key.export({ format: "pem", type: "pkcs8" }).toString(),
  };
}

/** A key pair alone, as service account tokens are signed with. */
export async function makeKeyPair(): Promise<{ pub: string; key: string }> {
  const keys = await generateKeys();
  const pub = await webcrypto.subtle.exportKey("spki", keys.publicKey);
  return { pub: pem("PUBLIC KEY", pub), key: await keyPem(keys.privateKey) };
}

/** An RSA key in PEM, for programs that sign with no other; as PKCS #1, since some of those read nothing else. */
export function makeRsaKey(): string {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 3072 });
  return privateKey.export({ format: "pem", type: "pkcs1" }).toString();
}

function generateKeys() {
  return webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
}

async function keyPem(key: webcrypto.CryptoKey): Promise<string> {
  return pem("PRIVATE KEY", await webcrypto.subtle.exportKey("pkcs8", key));
}

function importKey(text: string): Promise<webcrypto.CryptoKey> {
  const der = x509.PemConverter.decodeFirst(text);
  return webcrypto.subtle.importKey("pkcs8", der, algorithm, false, ["sign"]);
}

function pem(label: string, der: ArrayBuffer): string {
  return pemText(x509.PemConverter.encode(der, label));
}

/** PEM with the end of line that some writers leave out. */
export function pemText(text: string): string {
  return text.endsWith("\n") ? text : `${text}\n`;
}

function validity(days: number, from: Date): { notBefore: Date; notAfter: Date } {
  const start = from.getTime();
  return { notBefore: new Date(start - clockSkewMs), notAfter: new Date(start + days * dayMs) };
}

/** 126 bits of 16 bytes with a leading 01, so that every reader takes it for a positive number of full length. */
export function serialNumber(bytes: Buffer): string {
  const number = Buffer.from(bytes);
  number[0] = ((number[0] ?? 0) & 0x3f) | 0x40;
  return number.toString("hex");
}
