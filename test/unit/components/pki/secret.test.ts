import bcrypt from "bcryptjs";
import { randomBytes } from "node:crypto";
import { deriveSecret, passwordLine } from "../../../../components/pki/secret";

const seed = randomBytes(32).toString("base64");

test("a secret is 256 bits, the same for the same purpose and no other", () => {
  const secret = deriveSecret(seed, "registry/push");
  expect(secret).toMatch(/^[0-9a-f]{64}$/);
  expect(deriveSecret(seed, "registry/push")).toBe(secret);
  expect(deriveSecret(seed, "registry/http")).not.toBe(secret);
  expect(deriveSecret(randomBytes(32).toString("base64"), "registry/push")).not.toBe(secret);
});

test("who has it is known by a line of htpasswd, which stays the same", () => {
  const line = passwordLine(seed, "push", "registry/push");
  expect(passwordLine(seed, "push", "registry/push")).toBe(line);
  const [user, hash = ""] = line.split(":");
  expect(user).toBe("push");
  expect(hash).toMatch(/^\$2b\$05\$[./A-Za-z0-9]{53}$/);
  expect(bcrypt.compareSync(deriveSecret(seed, "registry/push"), hash)).toBe(true);
  expect(bcrypt.compareSync(deriveSecret(seed, "registry/http"), hash)).toBe(false);
});
