import { type OwnFrontend } from "../entry/frontends";
import { hostGroup } from "../hostGroup";
import { imageRegistries } from "../images";
import { type Flow, type HostGroup, type HostPlan } from "../model";
import { sharedName } from "../names";
import { planObjectStore } from "../objectStorage";
import { type ClusterConfig } from "../schema";
import { type RegistryConfig } from "./config";
import { distribution, type DistributionPlan } from "./distribution";
import { harbor, type HarborPlan } from "./harbor";
import { type FrontendAt, type RegistryBase, type RegistryKind } from "./shared";

export { registry, type RegistryConfig } from "./config";
export { type DistributionPlan } from "./distribution";
export { harborChecks, harborFault, type HarborPlan } from "./harbor";
export { registryPorts } from "./shared";

/** A registry as planned. */
export type RegistryPlan = DistributionPlan | HarborPlan;

type OfKind<T, K> = Extract<T, { kind: K }>;

/** Every kind of registry. A kind is added here, in the section's schema and in {@link RegistryPlan}; the compiler asks for the rest. */
const registryKinds: {
  readonly [K in RegistryConfig["kind"]]: RegistryKind<
    OfKind<RegistryConfig, K>,
    OfKind<RegistryPlan, K>
  >;
} = { distribution, harbor };

/** The kind of a registry, configured or planned. */
export function registryKindOf({
  kind,
}: Pick<RegistryConfig, "kind">): RegistryKind<RegistryConfig, RegistryPlan> {
  return registryKinds[kind];
}

/** Flows to the hosts of a registry, of all kinds. */
export const registryFlows: readonly Flow[] = [
  ...new Set(Object.values(registryKinds).flatMap(({ flows }) => flows)),
];

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

/** What HAProxy of the entry fronts for it. */
export function registryFrontends(
  config: Configured,
  hosts: readonly Pick<HostPlan, "address">[],
): OwnFrontend[] {
  const { registry } = config;
  if (registry === undefined) return [];
  const at: FrontendAt = (serverPort) => ({
    mode: "https",
    hostname: registryHostname(config),
    servers: hosts.map(({ address }) => `${address}:${serverPort}`),
  });
  return registryKindOf(registry).frontends(registry, at);
}

/** The registry of a cluster, if it has one. */
export function planRegistry(
  config: ClusterConfig,
  hosts: readonly HostPlan[],
): RegistryPlan | undefined {
  const { registry, versions, network } = config;
  if (registry === undefined) return undefined;
  if (versions.distribution === undefined) throw new Error("a registry has a release");
  const kind = registryKindOf(registry);
  const hostname = registryHostname(config);
  const ofPort = (port: number) => (port === 443 ? hostname : `${hostname}:${port}`);
  const shared: Omit<RegistryBase, "kind" | "name" | "pushName"> = {
    ...{ version: versions.distribution, hostname, hosts },
    mirrored: registry.mirrored ?? imageRegistries(config),
    store: planObjectStore(registry.cos, {
      zone: network.zones[0]?.zone ?? "",
      prefix: `${sharedName(config.name, kind.prefix)}/`,
      role: sharedName(config.name, "registry"),
    }),
  };
  return { ...shared, ...kind.plan(registry, versions, ofPort) } as RegistryPlan;
}
