import { randomBytes } from "node:crypto";
import { deflateSync, gzipSync } from "node:zlib";
import { secretsIn } from "../../support/readable";

const pem = "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMG\n-----END PRIVATE KEY-----\n";
const base64 = (text: string | Buffer) => Buffer.from(text).toString("base64");
const wrapped = (text: string) => text.replaceAll(/.{64}/g, "$&\n");
const cloudConfig = `#cloud-config\nssh_keys:\n  ed25519_private: |\n    ${pem.replaceAll("\n", "\n    ")}`;

test.each<[string, unknown]>([
  ["as it is", pem],
  ["in the middle of a text", cloudConfig],
  ["as the name of a field", { [pem]: 1 }],
  ["in lists and objects", { a: [{ b: [pem] }] }],
  ["in base64", base64(cloudConfig)],
  ["in base64 without padding, of the other alphabet", Buffer.from(pem).toString("base64url")],
  ["in base64 that is wrapped", wrapped(base64(cloudConfig))],
  ["in base64 after other letters", `data:x/${base64(pem)} and so on`],
  ["in base64 twice", base64(base64(pem))],
  ["compressed, in base64", base64(gzipSync(cloudConfig))],
  ["compressed otherwise, in base64", base64(deflateSync(cloudConfig))],
  ["in JSON in a text", JSON.stringify({ kubernetes: { key: pem } })],
  ["in JSON in base64 in JSON", JSON.stringify([base64(JSON.stringify({ key: pem }))])],
  [
    "compressed JSON with base64, in base64, in a YAML text",
    `user-data: ${base64(gzipSync(JSON.stringify({ data: base64(cloudConfig) })))}\n`,
  ],
])("a private key %s is found", (_, value) => {
  expect(secretsIn({ resources: [{ outputs: { it: value } }] })).not.toEqual([]);
});

test("so is a kubeconfig's key, a token, and what is said to be secret, however it is wrapped", () => {
  const encryptionKey = randomBytes(32).toString("base64");
  const config = `apiVersion: v1\nsecret: ${encryptionKey}\n`;
  expect(secretsIn(base64("users:\n- user:\n    client-key-data: LS0t"))).toHaveLength(1);
  expect(secretsIn(base64("token: abcdef.0123456789abcdef"))).toHaveLength(1);
  expect(secretsIn(config)).toEqual([]);
  expect(secretsIn(config, [encryptionKey])).toHaveLength(1);
  expect(secretsIn(base64(gzipSync(config)), [encryptionKey])).toHaveLength(1);
});

test("it says where", () => {
  const state = { resources: [{ outputs: { userData: base64(pem) } }] };
  expect(secretsIn(state)).toEqual(["resources[0].outputs.userData, base64"]);
});

test("ciphertext, public keys and certificates are no secrets", () => {
  const certificate = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
  const ciphertext = `v1:${base64(randomBytes(12))}:${base64(randomBytes(20_000))}`;
  expect(secretsIn([certificate, base64(certificate), "ssh-ed25519 AAAA", ciphertext])).toEqual([]);
});
