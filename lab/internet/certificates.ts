import { generateKeyPairSync, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type CertificateAndKey,
  makeAuthority,
  readSigner,
  serialNumber,
  signServer,
} from "../../components/pki/authority";

const days = 3650;

/** Where a lab's files of its internet are. @param labDir The lab's directory. */
export function internetFiles(labDir: string) {
  const dir = join(labDir, "internet");
  return { dir, authority: join(dir, "ca.crt"), key: join(dir, "ca.key") };
}

/** Makes the authority that hosts of a lab trust as they do those of the public internet. Once: a host that is made has it. */
export async function ensureAuthority(labDir: string): Promise<void> {
  const { dir, authority, key } = internetFiles(labDir);
  if (existsSync(authority)) return;
  const made = await makeAuthority("kubernetes-ha-lab", days);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  writeFileSync(key, made.key, { mode: 0o600 });
  // Last, and whole: with it there is one.
  writeFileSync(`${authority}.new`, made.crt, { mode: 0o644 });
  renameSync(`${authority}.new`, authority);
}

/** A certificate of a server that goes by these names, issued by the lab's authority. */
export async function issueServer(
  labDir: string,
  names: readonly string[],
): Promise<CertificateAndKey> {
  const { authority, key } = internetFiles(labDir);
  const signer = await readSigner({
    crt: readFileSync(authority, "utf8"),
    key: readFileSync(key, "utf8"),
  });
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return signServer(signer, names, {
    key: privateKey,
    serialNumber: serialNumber(randomBytes(16)),
  });
}
