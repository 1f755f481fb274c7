import { createHmac } from "node:crypto";

import type { CallerPolicy } from "./permissions";
import type { RoleRecord } from "./services/cam/records";
import type { CloudSettings } from "./settings";
import type { Credential } from "./signature";
import type { Store } from "./store";

/** How long temporary keys of a role are good for, in seconds. */
const lifeSeconds = 2 * 60 * 60;

/** Temporary keys of a role, as an instance that has it is given them. */
export interface RoleKeys {
  TmpSecretId: string;
  TmpSecretKey: string;
  Token: string;
  /** Epoch, s. */
  ExpiredTime: number;
}

/** Keys are derived from what they are for: none is stored, and a restarted cloud knows those it has given. */
export function roleKeys(settings: CloudSettings, role: RoleRecord, now: Date): RoleKeys {
  const ExpiredTime = Math.floor(now.getTime() / 1000) + lifeSeconds;
  const named = Buffer.from(`${role.id} ${ExpiredTime}`).toString("base64url");
  return { ...derived(settings, `AKID${named}`), ExpiredTime };
}

/**
 * The caller that a temporary key stands for: it may do what the policies say that are attached to its role now.
 * @returns undefined when it is none, its time is over, or its role is gone.
 */
export function roleCredential(
  { settings, store, now }: { settings: CloudSettings; store: Store; now: Date },
  secretId: string,
): Credential | undefined {
  const named = Buffer.from(secretId.replace(/^AKID/, ""), "base64url").toString("utf8");
  const [, roleId, expires] = /^(\d+) (\d+)$/.exec(named) ?? [];
  const role = roleId === undefined ? undefined : store.tables.roles.get(roleId);
  if (!role || Number(expires) * 1000 < now.getTime()) return undefined;
  const { TmpSecretKey, Token } = derived(settings, secretId);
  return { secretId, secretKey: TmpSecretKey, token: Token, policy: policyOf(store, role.id) };
}

function derived(settings: CloudSettings, TmpSecretId: string): Omit<RoleKeys, "ExpiredTime"> {
  const secret = settings.credentials.map(({ secretKey }) => secretKey).join();
  const of = (what: string): string =>
    createHmac("sha256", secret).update(`${what} ${TmpSecretId}`).digest("base64url");
  return { TmpSecretId, TmpSecretKey: of("key"), Token: of("token") };
}

/** Conditions are not judged: what is allowed under one is not allowed here, what is denied under one is. */
function policyOf(store: Store, roleId: string): CallerPolicy {
  type Statement = CallerPolicy["statement"][number] & { condition?: object };
  const attached = store.tables.rolePolicies.list().filter((each) => each.roleId === roleId);
  const statements = attached.flatMap(({ policyId }) => {
    const document = store.tables.camPolicies.get(policyId)?.document ?? '{"statement":[]}';
    return (JSON.parse(document) as { statement: Statement[] }).statement;
  });
  return {
    statement: statements.filter(
      ({ effect, condition }) => effect === "deny" || condition === undefined,
    ),
  };
}
