import { z } from "zod";

import { callerPolicySchema } from "./permissions";
import { quotasSchema } from "./quotas";

const host = z.strictObject({
  name: z.string().min(1),
  cpus: z.number().int().positive(),
  memoryGiB: z.number().positive(),
});
const rack = z.strictObject({ name: z.string().min(1), hosts: z.array(host) });
const networkSwitch = z.strictObject({ name: z.string().min(1), racks: z.array(rack) });
const zone = z.strictObject({
  /** API name, e.g. `ap-guangzhou-3`. */
  name: z.string().min(1),
  switches: z.array(networkSwitch),
});

/** Physical layout of the region: zones > switches > racks > hosts, each host with finite capacity. */
export const inventorySchema = z
  .strictObject({ zones: z.array(zone).min(1) })
  .superRefine((inventory, context) => {
    const seen = new Set<string>();
    for (const each of inventory.zones.flatMap((z1) => z1.switches).flatMap((s) => s.racks)) {
      for (const { name } of each.hosts) {
        if (seen.has(name)) {
          context.addIssue({ code: "custom", message: `host name '${name}' is used twice` });
        }
        seen.add(name);
      }
    }
  });

export type Inventory = z.infer<typeof inventorySchema>;

/** What `npm run lab` starts with: three hosts, each on its own rack and switch, all in one zone; two more zones stand empty. */
export const defaultInventory: Inventory = {
  zones: [
    {
      name: "ap-guangzhou-3",
      switches: [1, 2, 3].map((n) => ({
        name: `switch-${n}`,
        racks: [{ name: `rack-${n}`, hosts: [{ name: `host-${n}`, cpus: 64, memoryGiB: 256 }] }],
      })),
    },
    { name: "ap-guangzhou-4", switches: [] },
    { name: "ap-guangzhou-6", switches: [] },
  ],
};

export const settingsSchema = z.strictObject({
  /** Directory of the durable state; created with mode 0700. Holds user data, hence secrets. */
  stateDir: z.string().min(1),
  region: z.string().default("ap-guangzhou"),
  account: z
    .strictObject({
      /** Ten digits. */
      appId: z.string().regex(/^\d{10}$/),
      /** Twelve digits. */
      uin: z.string().regex(/^\d{12}$/),
    })
    .default({ appId: "1300000001", uin: "100000000001" }),
  /**
   * Who may call: requests are verified against these. `token` set = the request must carry it as X-TC-Token. `policy` set =
   * the caller may do what that CAM policy says, otherwise everything.
   */
  credentials: z
    .array(
      z.strictObject({
        secretId: z.string().min(1),
        secretKey: z.string().min(1),
        token: z.string().optional(),
        policy: callerPolicySchema.optional(),
      }),
    )
    .min(1),
  /** Where the API listens; port 0 = any free one. */
  api: z
    .strictObject({
      address: z.string().default("127.0.0.1"),
      port: z.number().int().min(0).max(65535).default(80),
    })
    .prefault({}),
  /** Where the admin API listens: a TCP address, a unix socket, or both. */
  admin: z
    .strictObject({
      address: z.string().default("127.0.0.1"),
      port: z.number().int().min(0).max(65535).optional(),
      socketPath: z.string().optional(),
    })
    .prefault({}),
  inventory: inventorySchema.default(defaultInventory),
  /** Public addresses are given out from this IPv4 range, its first and last excluded. */
  publicRange: z.string().default("198.51.100.0/24"),
  /** What the account may have at most (quotas.ts); what is left out has the vendor's default. */
  quotas: quotasSchema,
  /**
   * Calls a second an action takes beyond the documented figures (limits.ts), as `<service>:<Action>`; `false` = any number of
   * any action.
   */
  rateLimits: z
    .union([z.literal(false), z.record(z.string(), z.number().int().positive())])
    .default({}),
  /** File the API log is appended to, one JSON object a call; default `<stateDir>/requests.jsonl`. */
  requestLog: z.string().optional(),
});

export type CloudSettings = z.infer<typeof settingsSchema>;
/** Settings as a caller writes them: all that have a default may be left out. */
export type CloudSettingsInput = z.input<typeof settingsSchema>;

/**
 * Checks settings and fills defaults.
 * @throws Error naming each wrong field, its path and what is expected.
 */
export function parseSettings(input: unknown): CloudSettings {
  const parsed = settingsSchema.safeParse(input);
  if (!parsed.success) {
    throw new Error(`settings of the local cloud are wrong:\n${z.prettifyError(parsed.error)}`);
  }
  return parsed.data;
}
