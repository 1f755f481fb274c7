import { type ClusterPlan } from "./cluster";
import { configuredRegistries, registryMirrors } from "./images";
import { type HostPlan } from "./model";
import { nodeDuties, share } from "./roles";

/** Where images are asked for. */
export interface Endpoint {
  /** Scheme and host; with a path that is the whole root of its API. */
  url: string;
  /** It is the cluster's own registry. */
  own: boolean;
}

/** Where containerd asks for the images of a registry. */
export interface RegistryEndpoints {
  /** `<host>` or `<host>:<port>`. */
  registry: string;
  /** Asked before the registry itself, in this order: the cluster's own, if that has its images, then mirrors. */
  before: readonly Endpoint[];
  /** Where the registry is. @default at its own name, by HTTPS */
  server?: Endpoint;
}

type Plan = Pick<ClusterPlan, "config" | "registry">;

/**
 * Whether a host asks the cluster's own registry: nodes do. Those of etcd do not, so that nothing of what makes the cluster waits for what runs behind its
 * entry; they do not know its name either.
 */
export function asksRegistry({ registry }: Plan, { duties }: HostPlan): boolean {
  return registry !== undefined && share(duties, nodeDuties);
}

/** Registries that containerd of a host is told something of: all others it asks themselves, by HTTPS. */
export function registryEndpoints(plan: Plan, host: HostPlan): RegistryEndpoints[] {
  const { config } = plan;
  const own = asksRegistry(plan, host) ? plan.registry : undefined;
  const mirrors = registryMirrors(config);
  const at = (url: string): Endpoint => ({ url, own: false });
  const ours = (path: string): Endpoint => ({ url: `https://${own?.name}${path}`, own: true });
  const registries = [...new Set([...configuredRegistries(config), ...(own?.mirrored ?? [])])];
  return [
    ...(own === undefined ? [] : [{ registry: own.name, before: [], server: ours("") }]),
    ...registries.map((registry) => ({
      registry,
      before: [
        ...(own?.mirrored.includes(registry) ? [ours(`/v2/${pathOf(registry)}`)] : []),
        ...(mirrors[registry] ?? []).map(at),
      ],
      ...(config.images.insecureRegistries.includes(registry)
        ? { server: at(`http://${registry}`) }
        : {}),
    })),
  ];
}

/** The path that a registry's images have in the cluster's own: a path has no colon. */
export function pathOf(registry: string): string {
  return registry.replace(":", "_");
}
