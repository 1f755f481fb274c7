import { layout, memberOffset } from "../addresses";
import { contains, parseCidr, readAddress } from "../cidr";
import { entryKindOf } from "../entry";
import { type ExtraFrontendConfig } from "../entry/frontends";
import { hostGroups } from "../hosts";
import { apiNameOf } from "../names";
import { type ReadSections } from "../parse";
import { type Problem } from "../problems";
import { registryFrontends } from "../registry";
import { portProblems, worldProblems } from "./ranges";

/** What the entry is to front beside the API: only where it can, each at a name and a port of its own, servers that can be reached. */
export function frontendProblems(read: ReadSections): Problem[] {
  const { entry } = read;
  const { extraFrontends: frontends = [] } = entry ?? {};
  if (entry === undefined || frontends.length === 0) return [];
  const fault = entryKindOf(entry).fronting(entry);
  if (fault !== undefined) return [{ path: "entry.extraFrontends", ...fault }];
  return frontends.flatMap((frontend, index) => {
    const path = `entry.extraFrontends.${index}`;
    const before = [...registryFrontends(read, []), ...frontends.slice(0, index)];
    return [
      ...twice(path, frontend, before),
      ...portProblems(`${path}.port`, frontend.port),
      ...frontendNameProblems(path, frontend, read),
      ...worldProblems(`${path}.allowedCidrs`, frontend.allowedCidrs),
      ...serverProblems(path, frontend, read),
    ];
  });
}

function twice(
  path: string,
  frontend: ExtraFrontendConfig,
  before: readonly Pick<ExtraFrontendConfig, "name" | "port">[],
): Problem[] {
  return (["name", "port"] as const).flatMap((field) => {
    const value = frontend[field];
    if (before.every((other) => other[field] !== value)) return [];
    const message = `got ${value}, which another one has`;
    return [{ path: `${path}.${field}`, message, fix: `Give each a ${field} of its own` }];
  });
}

function frontendNameProblems(
  at: string,
  { mode, hostname }: ExtraFrontendConfig,
  read: ReadSections,
): Problem[] {
  const path = `${at}.hostname`;
  if (hostname === undefined) {
    if (mode !== "https") return [];
    const message = "is missing, but the certificate of mode https is for a name";
    return [{ path, message, fix: "Set it, or use mode tcp and leave TLS to the servers" }];
  }
  return hostnameProblems(path, hostname, read);
}

/** A name of a service that is fronted, which may be none of the API's. */
export function hostnameProblems(
  path: string,
  hostname: string,
  { name, network }: ReadSections,
): Problem[] {
  const domain = network?.clusterDomain;
  const own = [
    apiNameOf(name ?? "", network?.apiName),
    ...["kubernetes.default", "kubernetes.default.svc"],
  ];
  const within = domain !== undefined && `.${hostname}`.endsWith(`.${domain}`);
  if (!own.includes(hostname) && !within) return [];
  const message = `got ${hostname}, which is a name of the API or inside the cluster's domain`;
  return [{ path, message, fix: "Use a name that stands for this service alone" }];
}

function serverProblems(
  path: string,
  { servers, pool }: ExtraFrontendConfig,
  read: ReadSections,
): Problem[] {
  if ((servers === undefined) === (pool === undefined)) {
    const message = servers ? "got servers and pool" : "got neither servers nor pool";
    return [{ path, message, fix: "Set one of them: where the service is" }];
  }
  const pools = read.workers?.map((each) => each.pool);
  if (pool !== undefined && pools?.includes(pool.name) === false) {
    const message = `got ${pool.name}, but the pools are ${pools.join(", ") || "none"}`;
    return [{ path: `${path}.pool.name`, message, fix: "Use one of workers.*.pool" }];
  }
  return (servers ?? []).flatMap((server, index) => {
    const host = ownHost(server.split(":")[0] ?? "", read);
    if (host === undefined) return [];
    return [
      {
        path: `${path}.servers.${index}`,
        message: `got ${server}, which is ${host} of this cluster`,
        fix: "Name the pool of workers instead, whose security group then lets HAProxy in; other hosts of the cluster serve nothing but their own duty",
      },
    ];
  });
}

/** Whose an address in the cluster's subnets is: those of hosts are told, and those that no host can have. */
function ownHost(address: string, read: ReadSections): string | undefined {
  const zones = read.network?.zones ?? [];
  const home = zones.find(({ subnetCidr }) =>
    contains(parseCidr(subnetCidr), parseCidr(`${address}/32`)),
  );
  if (home === undefined) return undefined;
  const offset = (readAddress(address) ?? 0) - parseCidr(home.subnetCidr).first;
  if (offset >= layout.vip && offset < layout.bastion.first) return "a virtual address";
  for (const { pool, role, members, zone = zones[0]?.zone, addressBlock } of hostGroups(read)) {
    const member = members.find(
      ({ key, zone: own = zone }) =>
        own === home.zone && memberOffset(role, key, addressBlock) === offset,
    );
    if (member !== undefined) return `${pool} ${member.key}`;
  }
  return undefined;
}
