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

/** Zones of the lab's region, by the order in which they get hosts. */
const zoneNames = ["ap-guangzhou-3", "ap-guangzhou-4", "ap-guangzhou-6"] as const;

/**
 * A region with the same number of physical hosts in each of its first zones, every one on a rack and switch of its own; the other zones stand
 * empty. Hosts are numbered through, zone after zone.
 *
 * @param zones 1 to 3.
 * @param hostsPerZone default: 3 in one zone, 2 in each of several, so that neither is the loss of a host that of a zone.
 * @throws Error for another number of zones.
 */
export function inventoryOf(zones: number, hostsPerZone = zones === 1 ? 3 : 2): Inventory {
  if (!Number.isInteger(zones) || zones < 1 || zones > zoneNames.length)
    throw new Error(`${zones} zones: the lab's region has 1 to ${zoneNames.length}`);
  return {
    zones: zoneNames.map((name, index) => ({
      name,
      switches: Array.from({ length: index < zones ? hostsPerZone : 0 }, (_, n) => {
        const host = { name: `host-${index * hostsPerZone + n + 1}`, cpus: 64, memoryGiB: 256 };
        return { name: `switch-${n + 1}`, racks: [{ name: `rack-${n + 1}`, hosts: [host] }] };
      }),
    })),
  };
}

/** What `npm run lab` starts with: three hosts in one zone. */
export const defaultInventory = inventoryOf(1);

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
  /** Where instances reach what is for them: metadata, and the object storage. The platform of the VPCs leads them there, and says who asks. */
  instances: z.strictObject({ socketPath: z.string().min(1) }).optional(),
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
