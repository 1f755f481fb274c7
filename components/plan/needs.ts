import { type ImageName } from "./images";
import { type Project } from "./schema/sources";

/** A program that a project releases, placed into /usr/local/bin. */
export interface Artifact {
  /** Whose it is. */
  name: Project;
  version: string;
  binary: string;
}

/** A program that gives pods their network, which the host's packages bring. */
export interface CniPlugin {
  name: string;
  /** Version of CNI that it has to know. */
  version: string;
}

/** A file with nothing secret in it, owned by root. */
export interface NeededFile {
  path: string;
  content: string;
  /** Octal. @default "0644" */
  mode?: string;
}

/** Kernel settings with one reason. */
export interface Sysctls {
  /** One sentence, without its line's mark. */
  why: string;
  /** Values by name. A name with a hyphen before it may be missing in the kernel. */
  settings: Readonly<Record<string, string>>;
}

/** A service of systemd that runs on from here. */
export interface Service {
  unit: string;
  /** Files it is restarted for when they change. */
  restartedFor: readonly string[];
  /** Files it takes up without a restart, as its connections would not survive one. @default none */
  reloadedFor?: readonly string[];
}

/** LVS by direct routing that has to work from a host, before it may forward. */
export interface DirectRouting {
  /** Virtual address that the frames are for. */
  vip: string;
  /** Addresses of those that take them, each of which holds the virtual address silently. */
  realServers: readonly string[];
}

/** What a host needs before any of its steps runs. Whatever gives it something to do says its part; a host gets all parts merged. */
export interface HostNeeds {
  /** Debian packages. */
  packages?: readonly string[];
  artifacts?: readonly Artifact[];
  /** Pulled while other hosts are still being prepared. */
  images?: readonly ImageName[];
  files?: readonly NeededFile[];
  /** Where the certificate of the cluster's CA is wanted. */
  caFiles?: readonly string[];
  /** Kernel modules. */
  modules?: readonly string[];
  sysctls?: readonly Sysctls[];
  services?: readonly Service[];
  /** Units that a later step of the host runs. Where the host asks the API, that step takes it to another way there, which is not there before. */
  laterServices?: readonly string[];
  /** Addresses that the host takes packets for without telling the network: those of whoever forwards to it by MAC. */
  silentAddresses?: readonly string[];
  /** Asked for the versions they know, when the host is looked at. */
  cniPlugins?: readonly CniPlugin[];
  /** Proven by frames sent, when the host is looked at. */
  directRouting?: readonly DirectRouting[];
  /** Numbers of the kernel's queues (NFQUEUE) from which programs of the host take packets to decide on. Proven by a packet, when the host is looked at. */
  packetQueues?: readonly number[];
}

/**
 * All of what a host needs: packages by name, the rest in the order it was first asked for.
 * @throws when two want the same file, kernel setting, binary or service otherwise.
 */
export function mergeNeeds(parts: readonly HostNeeds[]): Required<HostNeeds> {
  const all = <T>(of: (part: HostNeeds) => readonly T[] | undefined) =>
    parts.flatMap((part) => of(part) ?? []);
  return {
    packages: [...new Set(all(({ packages }) => packages))].sort(),
    artifacts: agreed(
      "binary",
      all(({ artifacts }) => artifacts),
      ({ binary }) => binary,
    ),
    images: [...new Set(all(({ images }) => images))],
    files: agreed(
      "file",
      all(({ files }) => files),
      ({ path }) => path,
    ),
    caFiles: [...new Set(all(({ caFiles }) => caFiles))],
    modules: [...new Set(all(({ modules }) => modules))],
    sysctls: mergeSysctls(all(({ sysctls }) => sysctls)),
    services: agreed(
      "service",
      all(({ services }) => services),
      ({ unit }) => unit,
    ),
    laterServices: [...new Set(all(({ laterServices }) => laterServices))],
    silentAddresses: [...new Set(all(({ silentAddresses }) => silentAddresses))],
    cniPlugins: agreed(
      "CNI plugin",
      all(({ cniPlugins }) => cniPlugins),
      ({ name }) => name,
    ),
    directRouting: all(({ directRouting }) => directRouting),
    packetQueues: all(({ packetQueues }) => packetQueues),
  };
}

/** Things by what they are known by, each once. */
function agreed<T>(what: string, things: readonly T[], keyOf: (thing: T) => string): T[] {
  const kept = new Map<string, T>();
  for (const thing of things) {
    const key = keyOf(thing);
    const other = kept.get(key);
    if (other !== undefined && JSON.stringify(other) !== JSON.stringify(thing)) {
      throw new Error(`two duties of one host want the ${what} ${key} otherwise`);
    }
    kept.set(key, thing);
  }
  return [...kept.values()];
}

/** Groups of settings, each setting in the first group that has it. */
function mergeSysctls(groups: readonly Sysctls[]): Sysctls[] {
  const entries = groups.flatMap(({ why, settings }) =>
    Object.entries(settings).map(([name, value]) => ({ why, name, value })),
  );
  const first = new Map<string, (typeof entries)[number]>();
  for (const entry of entries) {
    const other = first.get(entry.name) ?? entry;
    if (other.value !== entry.value) {
      throw new Error(`two duties of one host want the kernel setting ${entry.name} otherwise`);
    }
    first.set(entry.name, other);
  }
  const kept = [...first.values()];
  return [...new Set(kept.map(({ why }) => why))].map((why) => ({
    why,
    settings: Object.fromEntries(
      kept.filter((entry) => entry.why === why).map(({ name, value }) => [name, value]),
    ),
  }));
}
