import { paths } from "../../components/render/paths";
import type { HostPlan } from "../../components/plan/cluster";
import type { ClusterStatus } from "../../operations/status/judge";
import { type Act, powerLoss } from "../faults";
import type { Cast, Site } from "../site";
import type { Exercise } from "./exercise";
import { ofFault } from "./ofFault";
import { writesStopAndResume } from "./writes";

/** The member that leads, whose loss is felt most. */
function leaderOf({ plan }: Site, { etcd }: ClusterStatus): HostPlan {
  const leader = etcd.members.find(({ state }) => state === "leader")?.host;
  const found = plan.etcd.find(({ name }) => name === leader);
  if (found === undefined) throw new Error("etcd has no leader");
  return found;
}

const isMaster = ({ duties }: HostPlan): boolean => duties.includes("controlPlane");

/** Members to take power from. On masters the one that is struck goes first, and the one that clients are on last. */
function victims({ plan }: Site, cast: Cast, first: HostPlan, count: number): HostPlan[] {
  const start = isMaster(first) ? cast.struck : first;
  const rest = plan.etcd.filter(({ name }) => name !== start.name);
  const order = [
    start,
    ...rest.sort((a, b) => Number(a === cast.master) - Number(b === cast.master)),
  ];
  return order.slice(0, count);
}

export const etcdMember: Exercise = {
  name: "etcd-member",
  about: "the host of the leader of etcd loses power for 25 s",
  expected: "another one leads; writes stop for 10 s at most, and what only reads hardly notices",
  run: (site, before) =>
    ofFault(site, {
      ...{ name: "etcd-member-killed", about: etcdMember.about, class: "host" },
      on: (_, cast) => powerLoss(site, victims(site, cast, leaderOf(site, before), 1)),
    }),
};

export const etcdQuorum: Exercise = {
  name: "etcd-quorum",
  about: "a majority of etcd's hosts loses power for 25 s, the leader among them",
  expected:
    "nothing is written meanwhile, what apiservers have in memory is served for a while; all goes on by itself once the hosts are back",
  run(site, before) {
    const majority = Math.floor(site.plan.etcd.length / 2) + 1;
    return ofFault(
      site,
      {
        ...{ name: "etcd-quorum-killed", about: etcdQuorum.about, class: "host" },
        on: (_, cast) => powerLoss(site, victims(site, cast, leaderOf(site, before), majority)),
      },
      {
        writes: (writes, { struck, undone = struck }) =>
          writesStopAndResume(writes, { lost: struck, back: undone }),
        // Until there is a quorum again nothing is promised: apiservers go on from memory for some 40 s.
        back: false,
      },
    );
  },
};

/** What is done to the member that leads, by orders to its host, and taken back after a while. */
function onLeader(
  site: Site,
  before: ClusterStatus,
  { name, about, strike, undo }: { name: string; about: string; strike: string; undo: string },
) {
  const leader = leaderOf(site, before);
  const act: Act = {
    does: `${about}: ${leader.name}`,
    // It is of a member: clients on masters are asked anyway.
    struckLives: false,
    strike: () => site.cluster.onHost(leader.name, `set -euo pipefail\n${strike}`),
    hold: 25,
    undo: () => site.cluster.onHost(leader.name, `set -euo pipefail\n${undo}`),
  };
  return ofFault(site, { name, about, class: "process", on: () => act });
}

const fill = "/var/lib/etcd/drill-fill";

/** Takes all blocks of the disk, those reserved for root too, without writing them: the lab's disks are sparse files. What is less than a MiB is written. */
const fillDisk = `read -r free size < <(stat --file-system --format '%f %S' /var/lib/etcd)
mib=$((free * size / 1048576))
until fallocate --length "\${mib}M" ${fill} 2>/dev/null; do
  rm -f ${fill}
  mib=$((mib - 1))
done
dd if=/dev/zero bs=4k status=none >>${fill} 2>/dev/null || true`;

export const diskFull: Exercise = {
  name: "disk-full",
  about: "the disk of the member that leads etcd is filled for 25 s",
  expected:
    "writes go on, by the others if it has to end; what only reads does not notice; with room again it is a member as before",
  run: (site, before) =>
    onLeader(site, before, {
      name: "disk-full",
      about: "its data disk is full",
      strike: fillDisk,
      undo: `rm -f ${fill}`,
    }),
};

const pki = `${paths.pki}/etcd`;

/** Certificates that have ended at the moment they are issued; who connects anew is refused, so the member is started anew. */
const endCertificates = `cd ${pki}
for name in server peer; do
  openssl x509 -x509toreq -in $name.crt -signkey $name.key -copy_extensions copyall -out /run/drill.csr 2>/dev/null
  openssl x509 -req -in /run/drill.csr -CA ca.crt -CAkey ca.key -days 0 -copy_extensions copyall -out /run/drill.crt 2>/dev/null
  cat /run/drill.crt >$name.crt
done
rm -f /run/drill.csr /run/drill.crt
pkill -KILL -x etcd`;

export const certificateExpiry: Exercise = {
  name: "certificate-expiry",
  about: "the certificates of the member that leads etcd have ended, and it is started anew",
  expected:
    "the others refuse it and go on; its host issues its own anew when its timer next looks (here at once), and it is a member as before",
  run: (site, before) =>
    onLeader(site, before, {
      name: "certificate-expiry",
      about: "its certificates have ended",
      strike: endCertificates,
      undo: `systemctl start kubernetes-ha-certificates-etcd
openssl x509 -checkend 3600 -noout -in ${pki}/server.crt`,
    }),
};
