import fc from "fast-check";
import { utils } from "ssh2";
import { deriveSshKey } from "../../../../components/pki/sshKey";

const parse = (key: string) => {
  const parsed = utils.parseKey(key);
  if (parsed instanceof Error) throw parsed;
  return parsed;
};

test("another implementation reads both halves, and they belong together", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.string(), (seed, purpose) => {
      const key = deriveSshKey(Buffer.from(seed).toString("base64"), purpose);
      const [secret, open] = [parse(key.privateKey), parse(key.publicKey)];
      expect(secret.isPrivateKey()).toBe(true);
      expect(open.isPrivateKey()).toBe(false);
      expect(secret.getPublicSSH()).toEqual(open.getPublicSSH());
      const signature = secret.sign("message");
      expect(open.verify("message", signature)).toBe(true);
    }),
    { numRuns: 50 },
  );
});

test("the same seed and purpose always give the same text, any other a different key", () => {
  const seed = Buffer.alloc(32, 7).toString("base64");
  expect(deriveSshKey(seed, "host/a")).toEqual(deriveSshKey(seed, "host/a"));
  const keys = [
    deriveSshKey(seed, "host/a"),
    deriveSshKey(seed, "host/b"),
    deriveSshKey(Buffer.alloc(32, 8).toString("base64"), "host/a"),
  ].map(({ publicKey }) => publicKey);
  expect(new Set(keys).size).toBe(3);
});

test("has OpenSSH's form", () => {
  const { publicKey, privateKey } = deriveSshKey(Buffer.alloc(32).toString("base64"), "operator");
  expect(publicKey).toMatch(/^ssh-ed25519 [A-Za-z0-9+/]{68}$/);
  expect(privateKey).toMatch(
    /^-----BEGIN OPENSSH PRIVATE KEY-----\n([A-Za-z0-9+/=]{1,70}\n)+-----END OPENSSH PRIVATE KEY-----\n$/,
  );
});
