import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { networkKinds } from "./hosts/network";

const fields = {
  /** `vpc`: routed, as the real one; `l2`: one switch a subnet, as in a data centre. */
  network: z.enum(networkKinds),
  /** Zones of the cloud that have physical hosts: three hosts in one, two in each of several. */
  zones: z.number().int().min(1).max(3),
  /** Whether hosts with a way out find the public names there that they download from (lab/internet), and trust who answers to them. */
  internet: z.boolean(),
  /** Whether its mirror has the program of a cluster's own registry. */
  registry: z.boolean(),
  /**
   * A VPC that has all it needs in itself: no mirror of the platform's, and instances reach the cloud's API by its names inside a VPC, as a deploy node
   * without a way out does.
   */
  offline: z.boolean(),
  /** Whether the mirror has the images of add-ons, for `npm run lab -- addons`. */
  addons: z.boolean(),
  /**
   * Instances with a kernel of their own, User-mode Linux, by role (their tag `kubernetes-ha/role`): how much memory each has, in MiB. They are slower
   * than others and have one CPU; LVS directors and nodes with IPVS need one where the machine's kernel has no IPVS.
   */
  ownKernel: z.record(z.string().min(1), z.number().int().min(256).max(16384)),
};

/** What a lab with real hosts is like beyond what the cloud's API can say. */
const labSettingsSchema = z.strictObject({
  network: fields.network.default("vpc"),
  zones: fields.zones.default(1),
  internet: fields.internet.default(false),
  offline: fields.offline.default(false),
  registry: fields.registry.default(false),
  addons: fields.addons.default(false),
  ownKernel: fields.ownKernel.default({}),
});

/** Some of a lab's settings, the rest as it is. */
export const someLabSettingsSchema = z.strictObject(fields).partial();

export type LabSettings = z.infer<typeof labSettingsSchema>;

/** Settings of a lab that was told nothing. */
export const defaultLabSettings: LabSettings = labSettingsSchema.parse({});

const fileOf = (dir: string): string => join(dir, "settings.json");

/** Settings a lab was first started with. @param dir The lab's directory. */
export function readLabSettings(dir: string): LabSettings {
  const file = fileOf(dir);
  return existsSync(file)
    ? labSettingsSchema.parse(JSON.parse(readFileSync(file, "utf8")))
    : defaultLabSettings;
}

/**
 * Settings of a lab that is about to start: `wanted` if it is new, else those it was first started with.
 *
 * @throws Error when it has others than are wanted: its hosts were made with them.
 */
export function keepLabSettings(dir: string, wanted: Partial<LabSettings>): LabSettings {
  const made = existsSync(fileOf(dir)) ? readLabSettings(dir) : undefined;
  const settings = labSettingsSchema.parse({ ...made, ...wanted });
  for (const [name, value] of Object.entries(settings)) {
    const has = JSON.stringify(made?.[name as keyof LabSettings] ?? value);
    if (has !== JSON.stringify(value))
      throw new Error(
        `${name}: ${JSON.stringify(value)} was asked for, but this lab was made with ${has}, and so were its hosts: \`npm run lab -- down\` first, or leave it out`,
      );
  }
  if (!made) {
    writeFileSync(`${fileOf(dir)}.new`, JSON.stringify(settings), { mode: 0o600 });
    renameSync(`${fileOf(dir)}.new`, fileOf(dir));
  }
  return settings;
}

/**
 * Reads `--own-kernel balancer=768 worker=2048`.
 *
 * @throws Error naming what is no role with MiB.
 */
export function parseOwnKernel(words: readonly string[]): LabSettings["ownKernel"] {
  return Object.fromEntries(
    words.map((word) => {
      const [, role, memory] = /^([a-z]+)=(\d+)$/.exec(word) ?? [];
      if (role === undefined)
        throw new Error(
          `--own-kernel: got "${word}"; allowed is a role and its hosts' memory in MiB, as in balancer=768`,
        );
      return [role, Number(memory)];
    }),
  );
}
