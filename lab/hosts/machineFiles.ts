import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { gatewayMac, gatewayOf, linkOf, macOf, prefixOf } from "./addresses";
import type { Body } from "./body";
import type { MachineContext } from "./machine";
import type { HostSpec } from "./types";

const scripts = join(__dirname, "scripts");

/** cloud-init's NoCloud meta data of an instance. */
export function metaData(spec: HostSpec): string {
  return stringify({
    "instance-id": spec.instanceId,
    "local-hostname": spec.hostName,
    ...(spec.publicKeys.length > 0 && { "public-keys": spec.publicKeys }),
  });
}

const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** host.env, which run.sh reads: all it needs to boot the machine without asking anybody. */
export function launchSettings(
  context: MachineContext,
  spec: HostSpec,
  ofBody: Record<string, string> = {},
): string {
  const joins = context.cgroups.joins(spec.instanceId);
  const settings: Record<string, string> = {
    FABRIC: context.fabricNetns,
    LINK: linkOf(spec.instanceId),
    GATEWAY: gatewayOf(spec.subnetCidr),
    GATEWAY_MAC: gatewayMac,
    ADDRESS: spec.privateIp,
    PREFIX: String(prefixOf(spec.subnetCidr)),
    MAC: macOf(spec.privateIp),
    MACHINE: `${context.labId}-${spec.instanceId}`,
    HOST_NAME: spec.hostName,
    UUID: spec.uuid,
    IMAGE: context.image,
    LAUNCHER_CGROUPS: joins.launcher.join(" "),
    MACHINE_CGROUPS: joins.machine.join(" "),
    BRIDGE: context.network.bridgeOf?.(spec) ?? "",
    ...ofBody,
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${quote(value)}\n`)
    .join("");
}

/** Writes what a machine boots with, but for its system disk. */
export function writeMachineFiles(
  dir: string,
  context: MachineContext,
  body: Body,
  spec: HostSpec,
): void {
  const seed = join(dir, "machine", "seed");
  mkdirSync(seed, { recursive: true, mode: 0o755 });
  chmodSync(seed, 0o700);
  for (const name of body.directories) mkdirSync(join(dir, name), { recursive: true });
  writeFileSync(join(seed, "meta-data"), metaData(spec), { mode: 0o600 });
  writeFileSync(join(seed, "user-data"), spec.userData ?? "#cloud-config\n{}\n", { mode: 0o600 });
  // Copies: a living host must not feel a change of the checkout.
  for (const [script, place] of Object.entries(body.programs)) {
    const file = join(dir, place);
    copyFileSync(join(scripts, script), file);
    chmodSync(file, script.endsWith(".service") ? 0o644 : 0o755);
  }
  writeFileSync(join(dir, "host.env"), launchSettings(context, spec, body.settings(spec)));
  body.prepare(spec);
}

/** What a new system disk holds beside the image, by path without the first slash. */
export function firstFiles(
  { image, authority }: Pick<MachineContext, "image" | "authority">,
  { privateIp, hostName }: Pick<HostSpec, "privateIp" | "hostName">,
): Record<string, string> {
  const hosts = { "etc/hosts": `127.0.0.1 localhost\n${privateIp} ${hostName}\n` };
  if (authority === undefined) return hosts;
  // As in the image of a company that has an authority of its own: its certificate, and the bundle that update-ca-certificates makes with it.
  const bundle = "etc/ssl/certs/ca-certificates.crt";
  const certificate = readFileSync(authority, "utf8");
  return {
    ...hosts,
    "usr/local/share/ca-certificates/kubernetes-ha-lab.crt": certificate,
    [bundle]: readFileSync(join(image, bundle), "utf8") + certificate,
  };
}
