import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { mapHashToField } from "@noble/curves/abstract/modular";
import { p256 } from "@noble/curves/nist";
import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { algorithm, type CertificateAndKey, pemText, serialNumber, type Signer } from "./authority";
import { deriveBytes } from "./derivedBytes";

/**
 * An authority below another one, which vouches for clients alone: what is signed with it serves nobody, and signs nothing. It ends with the other. A
 * function of its inputs, signature included, as a derived client is.
 *
 * @param signer Of `derivingSigner`.
 * @param seed Secret of 32 bytes or more, base64.
 */
export async function deriveClientAuthority(
  signer: Signer,
  commonName: string,
  seed: string,
): Promise<CertificateAndKey> {
  const derive = (what: string, bytes: number) =>
    deriveBytes(seed, `authority/${what}/${commonName}`, bytes);
  const key = p256Key(derive("key", 48));
  const publicKey = new x509.PublicKey(
    createPublicKey(key).export({ format: "der", type: "spki" }),
  );
  const certificate = await x509.X509CertificateGenerator.create(
    {
      serialNumber: serialNumber(derive("serial", 16)),
      subject: [{ CN: [commonName] }],
      issuer: signer.certificate.subject,
      notBefore: signer.certificate.notBefore,
      notAfter: signer.certificate.notAfter,
      signingAlgorithm: algorithm,
      publicKey,
      signingKey: signer.key,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(
          x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyCertSign,
          true,
        ),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
        await x509.SubjectKeyIdentifierExtension.create(publicKey),
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

/** The P-256 private key of 48 bytes: a third more than it has itself, so that each is as likely as any other (FIPS 186-5, A.2.1). */
function p256Key(secret: Buffer): KeyObject {
  const scalar = mapHashToField(secret, p256.Point.CURVE().n);
  const point = Buffer.from(p256.getPublicKey(scalar, false));
  const [d, x, y] = [scalar, point.subarray(1, 33), point.subarray(33)].map((part) =>
    Buffer.from(part).toString("base64url"),
  ) as [string, string, string];
  return createPrivateKey({ format: "jwk", key: { kty: "EC", crv: "P-256", d, x, y } });
}
