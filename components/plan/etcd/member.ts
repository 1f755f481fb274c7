import { dataDisk as diskOfItsOwn, type MemberConfig } from "../fields";
import { type Flow, type HostPlan } from "../model";
import { type HostNeeds } from "../needs";
import { ports } from "../ports";
import { problemAt, type Problem } from "../problems";
import { etcdDiskFault } from "../rules/disks";
import { zoneQuorumFaults } from "../rules/quorum";
import { type NetworkConfig } from "../schema/network";
import { type EtcdBase, type EtcdSite } from "./topology";

/** Data disk of a member's own; the write-ahead log wants fdatasync under 10 ms, so no CLOUD_PREMIUM. */
export const dataDisk = diskOfItsOwn({ type: "CLOUD_HSSD", sizeGiB: 50 });

/** What is wrong with the data disk of the members. */
export function dataDiskProblems({ type }: { type: string }): Problem[] {
  return problemAt("etcd.disk.type", etcdDiskFault(type));
}

/** What is wrong with where the members are: a zone must not hold a quorum, unless it is the only one. */
export function placeProblems(
  path: string,
  members: readonly MemberConfig[],
  network: NetworkConfig | undefined,
): Problem[] {
  if (network === undefined) return [];
  const first = network.zones[0]?.zone;
  const zones = members.map(({ zone }) => zone ?? first ?? "");
  return zoneQuorumFaults(zones).flatMap((fault) => problemAt(path, fault));
}

const shared = { name: "etcd", protocol: "TCP", to: ["etcd"] } as const;

/** Who talks to a member, wherever it lives. */
export const memberFlows: readonly Flow[] = [
  {
    ...shared,
    why: "etcd clients",
    port: ports.etcdClient,
    from: ["controlPlane", "etcd"],
    guarded: { what: "etcd's clients' port" },
    awaited: ["controlPlane", "etcd"],
  },
  {
    ...shared,
    why: "etcd peers",
    port: ports.etcdPeer,
    from: ["etcd"],
    guarded: { what: "etcd's peers' port" },
    awaited: ["etcd"],
  },
];

/** What the host of a member needs because of it; nothing for other hosts. */
export function memberNeeds({ version }: EtcdBase, { duties }: HostPlan): HostNeeds {
  if (!duties.includes("etcd")) return {};
  return {
    packages: ["age", "ioping", "openssl"],
    artifacts: ["etcdctl", "etcdutl"].map((binary) => ({
      name: "etcd" as const,
      version,
      binary,
    })),
    images: ["etcd"],
  };
}

/** The members as planned, but for where they live. */
export function planMembers({
  versions,
  ...site
}: EtcdSite): Omit<EtcdBase, "topology" | "extraArgs"> {
  return {
    ...site,
    endpoints: site.members.map(({ address }) => `https://${address}:${ports.etcdClient}`),
    version: versions.etcd,
    kubernetesVersion: versions.kubernetes,
  };
}
