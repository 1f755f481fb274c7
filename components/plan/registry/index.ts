import { type OwnFrontend } from "../entry/frontends";
import { hostGroup } from "../hostGroup";
import { imageRegistries } from "../images";
import { type Flow, type HostGroup, type HostPlan } from "../model";
import { sharedName } from "../names";
import { type ObjectStorePlan, planObjectStore } from "../objectStorage";
import { clientDuties } from "../roles";
import { type ClusterConfig } from "../schema";
import { type RegistryConfig } from "./config";

export { registry, type RegistryConfig } from "./config";

/** Ports of a registry's hosts, which HAProxy of the entry alone reaches: one program that only reads, and one that takes images. */
export const registryPorts = { pull: 5000, push: 5001 } as const;

/** Whom HAProxy passes on to them. Plain HTTP, so nobody else gets there. */
export const registryFlow: Flow = {
  name: "registry",
  why: "registry, from the entry",
  protocol: "TCP",
  port: registryPorts.pull,
  from: ["balancer"],
  to: ["registry"],
  guarded: { what: "what a registry's host serves" },
};

/** The same for images that are pushed. */
export const registryPushFlow: Flow = {
  ...registryFlow,
  why: "registry, pushes from the entry",
  port: registryPorts.push,
};

/** A registry: programs that keep nothing, on hosts of its own, and images in the object storage. */
export interface RegistryPlan {
  kind: RegistryConfig["kind"];
  /** Release of the program, `v3.1.2`. */
  version: string;
  hostname: string;
  /** What names of its images begin with: the hostname, and the port where that is not HTTPS' own. */
  name: string;
  /** The same for who pushes. */
  pushName: string;
  hosts: readonly HostPlan[];
  /** Registries whose images nodes ask for here first. */
  mirrored: readonly string[];
  store: ObjectStorePlan;
}

/** As much of a configuration as it takes to name it. */
type Configured = Partial<Pick<ClusterConfig, "name" | "registry">>;

/** Its hosts. */
export function registryHosts(registry: RegistryConfig): HostGroup {
  return hostGroup("registry", "registry", registry);
}

/** The name it has in its certificate. */
export function registryHostname({ name, registry }: Configured): string {
  return registry?.hostname ?? `registry.${name}.internal`;
}

/** What HAProxy of the entry fronts for it: pulls for everybody who may come, pushes for those who have something to push. */
export function registryFrontends(
  config: Configured,
  hosts: readonly Pick<HostPlan, "address">[],
): OwnFrontend[] {
  const { registry } = config;
  if (registry === undefined) return [];
  const at = (serverPort: number) => ({
    mode: "https" as const,
    hostname: registryHostname(config),
    servers: hosts.map(({ address }) => `${address}:${serverPort}`),
    // Whether the program works, and no more: what both hosts share is the storage, and no reason to take one out.
    check: { path: "/", tls: false },
  });
  const { port, pushPort, allowedCidrs, pushCidrs } = registry;
  const pull = { name: "registry", port, clients: clientDuties, allowedCidrs };
  const push = { port: pushPort, clients: ["bastion"] as const, allowedCidrs: pushCidrs };
  return [
    { ...pull, ...at(registryPorts.pull) },
    { name: "registry-push", ...push, ...at(registryPorts.push) },
  ];
}

/** The registry of a cluster, if it has one. */
export function planRegistry(
  config: ClusterConfig,
  hosts: readonly HostPlan[],
): RegistryPlan | undefined {
  const { registry, versions, network } = config;
  if (registry === undefined) return undefined;
  if (versions.distribution === undefined) throw new Error("a registry has a release");
  const hostname = registryHostname(config);
  const at = (port: number) => (port === 443 ? hostname : `${hostname}:${port}`);
  const store = sharedName(config.name, "registry");
  return {
    kind: registry.kind,
    version: versions.distribution,
    hostname,
    name: at(registry.port),
    pushName: at(registry.pushPort),
    hosts,
    mirrored: registry.mirrored ?? imageRegistries(config),
    store: planObjectStore(registry.cos, {
      ...{ zone: network.zones[0]?.zone ?? "", prefix: `${store}/`, role: store },
    }),
  };
}
