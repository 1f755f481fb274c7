import bcrypt from "bcryptjs";
import { deriveBytes } from "./derivedBytes";

/**
 * Derives a secret from another one: the same seed and purpose always give the same.
 * @param seed Secret of 32 bytes or more, base64.
 * @returns 256 bits in hexadecimal.
 */
export function deriveSecret(seed: string, purpose: string): string {
  return deriveBytes(seed, `secret/${purpose}`, 32).toString("hex");
}

/** Rounds of bcrypt, as a power of two. Each request is checked by it; what slow rounds protect are passwords that can be guessed. */
const rounds = 5;

/**
 * A line of htpasswd, with bcrypt, for a user whose password is the {@link deriveSecret} of a purpose. A function of its inputs, the salt included, so that nothing
 * changes when it is made again.
 */
export function passwordLine(seed: string, user: string, purpose: string): string {
  const salt = bcrypt.encodeBase64([...deriveBytes(seed, `salt/${purpose}`, 16)], 16);
  const prefix = `$2b$${String(rounds).padStart(2, "0")}$`;
  return `${user}:${bcrypt.hashSync(deriveSecret(seed, purpose), prefix + salt)}`;
}
