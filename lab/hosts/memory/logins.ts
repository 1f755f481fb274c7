import { utils, type ParsedKey, type PublicKeyAuthContext } from "ssh2";
import { parse } from "yaml";
import { z } from "zod";
import type { HostSpec } from "../types";

/** The part of cloud-config that decides who may log in, and which key the host shows. */
const cloudConfigSchema = z.object({
  ssh_keys: z.object({ ed25519_private: z.string().optional() }).optional(),
  disable_root: z.boolean().default(true),
  users: z
    .array(
      z.union([
        z.string(),
        z.object({ name: z.string(), ssh_authorized_keys: z.array(z.string()).default([]) }),
      ]),
    )
    .optional(),
});

/** What cloud-init would have made of an instance's user data and key pairs. */
export interface Logins {
  /** Private key the host shows, in OpenSSH form. */
  hostKey: string;
  /** Keys that open each account. */
  authorised: ReadonlyMap<string, ParsedKey[]>;
}

/**
 * Reads an instance's user data as cloud-init does. The keys of key pairs open root's account, unless that is disabled: the account
 * of the image's own user is only made where user data names none.
 * @returns undefined for an instance whose user data brings no host key: nobody could know whom he talks to.
 */
export function loginsOf({ userData, publicKeys }: HostSpec): Logins | undefined {
  if (userData?.startsWith("#cloud-config") !== true) return undefined;
  const read = cloudConfigSchema.safeParse(parse(userData));
  const hostKey = read.data?.ssh_keys?.ed25519_private;
  if (!read.success || hostKey === undefined) return undefined;
  const { users = [], disable_root: noRoot } = read.data;
  const authorised = new Map(
    users.flatMap((user) =>
      typeof user === "string" ? [] : [[user.name, keysOf(user.ssh_authorized_keys)] as const],
    ),
  );
  if (!noRoot) authorised.set("root", keysOf(publicKeys));
  return { hostKey, authorised };
}

/** Whether a key that a client shows opens the account it asks for; the signature is checked once the client sends one. */
export function opens({ authorised }: Logins, asked: PublicKeyAuthContext): boolean {
  const key = authorised
    .get(asked.username)
    ?.find((each) => each.getPublicSSH().equals(asked.key.data));
  if (key === undefined) return false;
  if (asked.signature === undefined || asked.blob === undefined) return true;
  // An Error where the signature is of no use, whatever its types say.
  const verified: unknown = key.verify(asked.blob, asked.signature, asked.hashAlgo);
  return verified === true;
}

function keysOf(lines: string[]): ParsedKey[] {
  return lines.flatMap((line) => {
    const key = utils.parseKey(line);
    return key instanceof Error ? [] : [key];
  });
}
