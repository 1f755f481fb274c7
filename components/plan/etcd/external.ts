import { z } from "zod";
import { disk, instanceType, members, systemDisk } from "../fields";
import { hostGroup } from "../hostGroup";
import { type Flow } from "../model";
import { ports } from "../ports";
import { type Problem, problemAt } from "../problems";
import { etcdDiskFault } from "../rules/disks";
import { etcdSizeFault } from "../rules/quorum";
import { zoneQuorumFaults } from "../rules/quorum";
import { type EtcdBase, type EtcdSite, type EtcdSurroundings, type EtcdTopology } from "./topology";

const config = z.strictObject({
  /** `external`: on hosts of its own. */
  topology: z.literal("external").default("external"),
  /** 3, 5 or 7 members, as a count or as keys. */
  members,
  /** Instance type of every member. */
  instanceType,
  /** System disk. */
  systemDisk,
  /** Data disk of its own; the write-ahead log wants fdatasync under 10 ms, so no CLOUD_PREMIUM. */
  disk: disk({ type: "CLOUD_HSSD", sizeGiB: 50 }),
});

type ExternalConfig = z.output<typeof config>;

/** Members on hosts of their own. */
export interface ExternalEtcdPlan extends EtcdBase {
  topology: "external";
}

const shared = { name: "etcd", protocol: "TCP", to: ["etcd"] } as const;

const flows: readonly Flow[] = [
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

function rules({ members, disk }: ExternalConfig, { network }: EtcdSurroundings): Problem[] {
  const first = network?.zones[0]?.zone;
  const zones = members.map(({ zone }) => zone ?? first ?? "");
  return [
    ...problemAt("etcd.members", etcdSizeFault(members.length)),
    ...(network === undefined ? [] : zoneQuorumFaults(zones)).flatMap((fault) =>
      problemAt("etcd.members", fault),
    ),
    ...problemAt("etcd.disk.type", etcdDiskFault(disk.type)),
  ];
}

function plan(_: ExternalConfig, { versions, ...site }: EtcdSite): ExternalEtcdPlan {
  return {
    ...site,
    topology: "external",
    endpoints: site.members.map(({ address }) => `https://${address}:${ports.etcdClient}`),
    version: versions.etcd,
    kubernetesVersion: versions.kubernetes,
  };
}

/** etcd on hosts of its own, a data disk each. */
export const external = {
  topology: "external",
  config,
  rules,
  hosts: (etcd) => [{ ...hostGroup("etcd", "etcd", etcd), dataDisk: etcd.disk }],
  onMasters: () => ({}),
  plan,
  flows,
  needs: ({ version }, { duties }) =>
    duties.includes("etcd")
      ? {
          packages: ["ioping"],
          artifacts: [{ name: "etcd", version, binary: "etcdctl" }],
          images: [`etcd:${version}`],
        }
      : {},
} satisfies EtcdTopology<ExternalConfig, ExternalEtcdPlan>;
