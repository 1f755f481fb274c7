import { p256 } from "@noble/curves/nist";
import { createPrivateKey, type KeyObject, webcrypto } from "node:crypto";
import {
  type CertificateAndKey,
  type Client,
  readSigner,
  serialNumber,
  signClient,
  type Signer,
  signServer,
} from "./authority";
import { deriveBytes } from "./derivedBytes";
import { ed25519Key } from "./ed25519";

/** What a derived certificate is made from besides whom it is for. */
export interface Derivation {
  /** Secret of 32 bytes or more, base64. */
  seed: string;
  /** Whom it is for. Another purpose, another key. */
  purpose: string;
  /** When it begins to be valid. */
  from: Date;
}

/**
 * An authority whose signatures are a function of what is signed (RFC 6979): OpenSSL's have a random part.
 * @throws when its key or certificate cannot be read, or the key is none of P-256.
 */
export async function derivingSigner(authority: CertificateAndKey): Promise<Signer> {
  return readSigner(authority, deterministic(authority.key));
}

/**
 * A client certificate that is a function of its inputs, key, serial number and signature included: a program that needs it again makes the
 * same one again, and nobody has to keep it.
 * @param signer Of {@link derivingSigner}.
 */
export async function deriveClient(
  signer: Signer,
  client: Client,
  { seed, purpose, from }: Derivation,
): Promise<CertificateAndKey> {
  return signClient(signer, client, {
    // Ed25519: every 32 bytes are a key, and both it and the certificate are short.
    key: ed25519Key(deriveBytes(seed, `client/key/${purpose}`, 32)),
    serialNumber: serialNumber(deriveBytes(seed, `client/serial/${purpose}`, 16)),
    from,
  });
}

/** A server's certificate that is a function of its inputs, as {@link deriveClient}'s. Its key is of P-256, which browsers take. */
export async function deriveServer(
  signer: Signer,
  names: readonly string[],
  { seed, purpose }: Omit<Derivation, "from">,
): Promise<CertificateAndKey> {
  // What is signed differs with the names, so the number does, too.
  const serial = deriveBytes(seed, `server/serial/${purpose}/${names.join()}`, 16);
  return signServer(signer, names, {
    key: p256Key(deriveBytes(seed, `server/key/${purpose}`, 48)),
    serialNumber: serialNumber(serial),
  });
}

/** The private key that 48 bytes stand for: half as many again as it has, so that each is as likely as any other. */
function p256Key(bytes: Buffer): KeyObject {
  const secret = p256.utils.randomSecretKey(bytes);
  const point = Buffer.from(p256.getPublicKey(secret, false)).subarray(1);
  const [d, x, y] = [secret, point.subarray(0, 32), point.subarray(32)].map((part) =>
    Buffer.from(part).toString("base64url"),
  );
  return createPrivateKey({ key: { kty: "EC", crv: "P-256", d, x, y }, format: "jwk" });
}

/** Node's cryptography, but for signatures. */
function deterministic(authorityKey: string): Signer["crypto"] {
  const { d } = createPrivateKey(authorityKey).export({ format: "jwk" });
  if (d === undefined) throw new Error("the authority's key is no P-256 key");
  const secret = Buffer.from(d, "base64url");
  const subtle = new Proxy(webcrypto.subtle, {
    get: (target, name) => {
      if (name === "sign")
        return (_algorithm: unknown, _key: unknown, data: webcrypto.BufferSource) =>
          Promise.resolve(sign(secret, data));
      const value = Reflect.get(target, name) as unknown;
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
  return { subtle };
}

/** In the form of Web Cryptography: both numbers, 32 bytes each. */
function sign(secret: Buffer, data: webcrypto.BufferSource): ArrayBuffer {
  const bytes = ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
  const signature = p256.sign(bytes, secret, { prehash: true, lowS: false }).toBytes("compact");
  return Uint8Array.from(signature).buffer;
}
