import { createHash } from "node:crypto";
import { existsSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { cacheRoot as namedCacheRoot } from "../toolchain/node.cjs";

/** Who a lab is on this machine. Everything global that it makes (namespaces, cgroups, mounts, devices) is named by `id`. */
export interface LabIdentity {
  /** `kha` and six hex digits; short, since it starts interface and namespace names. */
  id: string;
  /** `lab` for people, others for test runs beside it. */
  name: string;
  /** Checkout the lab belongs to. */
  checkout: string;
  /** All of the lab's files; `down` removes it. */
  dir: string;
  /** Network namespace of the operator: engine, ssh and kubectl run here, outside the VPC. */
  operatorNetns: string;
  /** Network namespace of the VPC's router; hosts hang off it. */
  fabricNetns: string;
  /** Name of the lab's cgroup in every controller. */
  cgroup: string;
}

/**
 * Where expensive builds and labs live, outside the checkout. `KUBERNETES_HA_CACHE` moves it. Without symbolic links: the kernel tells what is
 * mounted, and what is behind a loop device, by its real path.
 */
export function cacheRoot(): string {
  return realPath(resolve(namedCacheRoot()));
}

/** Of a path that need not exist yet. */
function realPath(path: string): string {
  return existsSync(path) ? realpathSync(path) : join(realPath(dirname(path)), basename(path));
}

/**
 * The lab of a checkout: the same path gives the same lab, two checkouts never share one.
 *
 * @param name `KUBERNETES_HA_LAB`, default `lab`; tests use their own beside the user's.
 */
export function labIdentity(
  checkout: string = resolve(__dirname, ".."),
  name: string = process.env["KUBERNETES_HA_LAB"] ?? "lab",
): LabIdentity {
  const real = realpathSync(checkout);
  const id = "kha" + createHash("sha256").update(`${real}:${name}`).digest("hex").slice(0, 6);
  return {
    id,
    name,
    checkout: real,
    dir: join(cacheRoot(), "labs", id),
    operatorNetns: `${id}-op`,
    fabricNetns: `${id}-vpc`,
    cgroup: id,
  };
}
