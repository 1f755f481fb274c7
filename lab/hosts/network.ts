import type { Neighbour } from "./haVipWatch";
import type { HaVipOwners } from "./ruleset";
import type { DesiredWorld, HostSpec } from "./types";

/** Kinds of network a lab may have. */
export const networkKinds = ["vpc", "l2"] as const;
export type NetworkKind = (typeof networkKinds)[number];

/** How the hosts of a lab are joined. All that differs between the kinds; what they share is the Fabric's. */
export interface Network {
  /** Makes what links are put into, and takes away what no host needs any more. Before any host boots. */
  prepare(netns: string, desired: DesiredWorld): Promise<void>;
  /** The switch that a host's link is a port of; absent: links are routed. */
  bridgeOf?(host: HostSpec): string;
  /** Filters and translations, one nft script that replaces the one before it. */
  ruleset(desired: DesiredWorld, owners: HaVipOwners): string;
  /** Routes of the fabric by destination, beside those that links bring. */
  routes(
    desired: DesiredWorld,
    owners: ReadonlyMap<string, string>,
    linkUp: (link: string) => boolean,
  ): Map<string, string>;
  /** The host that announced an address; undefined when it cannot be told. */
  announcer(desired: DesiredWorld, heard: Neighbour): HostSpec | undefined;
  /** Whether what was heard has to be forgotten for the next announcement to be heard; else the fabric itself goes by it. */
  readonly forgetsNeighbours: boolean;
}
