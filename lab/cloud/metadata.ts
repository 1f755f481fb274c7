import { Hono } from "hono";

import { macOf } from "../hosts/addresses";
import type { InstanceRecord } from "./records";
import { roleKeys } from "./roleKeys";
import type { CloudSettings } from "./settings";
import type { Store } from "./store";

/** Header with the address of the instance that asks; the platform sets it, whatever the instance has sent. */
export const askerHeader = "x-lab-asker";

export interface MetadataParts {
  settings: CloudSettings;
  store: Store;
  now: () => Date;
}

/** Plain values, by their path below /latest/meta-data/. */
const values: Readonly<Record<string, (instance: InstanceRecord, parts: MetadataParts) => string>> =
  {
    "app-id": (_, { settings }) => settings.account.appId,
    "instance-id": ({ id }) => id,
    "instance-name": ({ name }) => name,
    "local-ipv4": ({ privateIp }) => privateIp,
    mac: ({ privateIp }) => macOf(privateIp),
    "placement/region": (_, { settings }) => settings.region,
    "placement/zone": ({ zone }) => zone,
    uuid: ({ uuid }) => uuid,
  };

const credentials = "cam/security-credentials/";

/**
 * What an instance may ask about itself: plain values, and temporary keys of its own role. A directory is listed; what is not there, and whoever is no
 * instance, gets a 404.
 */
export function createMetadata(parts: MetadataParts): Hono {
  const api = new Hono();
  api.get("/latest/meta-data/*", (c) => {
    const asker = c.req.header(askerHeader);
    const instance = parts.store.tables.instances
      .list()
      .find(({ privateIp, state }) => privateIp === asker && state === "RUNNING");
    const path = c.req.path.replace("/latest/meta-data/", "");
    const told = instance && answer(parts, instance, path);
    return told === undefined ? c.text("Not Found", 404) : c.text(told);
  });
  return api;
}

function answer(parts: MetadataParts, instance: InstanceRecord, path: string): string | undefined {
  const value = values[path];
  if (value !== undefined) return value(instance, parts);
  const role = parts.store.tables.roles.list().find(({ name }) => name === instance.camRoleName);
  const names = [...Object.keys(values), ...(role ? [`${credentials}${role.name}`] : [])];
  if (role && path === `${credentials}${role.name}`) {
    const keys = roleKeys(parts.settings, role, parts.now());
    const Expiration = new Date(keys.ExpiredTime * 1000).toISOString();
    return JSON.stringify({ ...keys, Expiration, Code: "Success" });
  }
  return listed(names, path);
}

/** What a directory holds; its own directories end with a slash. */
function listed(names: readonly string[], path: string): string | undefined {
  const directory = path === "" || path.endsWith("/") ? path : `${path}/`;
  const inside = names.filter((name) => name.startsWith(directory));
  const first = inside.map((name) => name.slice(directory.length).replace(/\/.*/, "/"));
  return first.length === 0 ? undefined : [...new Set(first)].sort().join("\n");
}
