import { quorum } from "../../../components/plan/topology/quorum";
import { etcdHosts, type EtcdLook, type Facts, lookOf } from "../facts";
import type { Finding } from "./finding";

/** A member of etcd as it stands. */
export interface EtcdMember {
  host: string;
  state: "leader" | "follower" | "learner" | "away";
  /** Whether it carries requests out. */
  healthy: boolean;
  version: string | null;
  sizeBytes: number | null;
  quotaBytes: number | null;
}

/** etcd as a whole. */
export interface EtcdStatus {
  members: EtcdMember[];
  /** Members with a vote, as etcd lists them; as many as there are hosts where it lists none. */
  voters: number;
  /** Healthy members with a vote. */
  serving: number;
  /** How many of them are needed. */
  quorum: number;
}

/** Share of its quota from which a database is too large: at the whole of it etcd takes no more writes. */
const fullFrom = 0.8;

/** Share of a database that is free from which it is worth to defragment it, where it is of some size. */
const [hollowFrom, hollowBytes] = [0.5, 256 * 2 ** 20];

const looks = (facts: Facts): [string, EtcdLook][] =>
  etcdHosts(facts.outputs.nodes).flatMap(({ name }) => {
    const look = lookOf(facts, name)?.etcd;
    return look === undefined ? [] : [[name, look] as [string, EtcdLook]];
  });

const listed = (facts: Facts): EtcdLook["members"] =>
  looks(facts).find(([, { members }]) => members !== null)?.[1].members ?? null;

export function etcdStatus(facts: Facts): EtcdStatus {
  const hosts = etcdHosts(facts.outputs.nodes);
  const members = hosts.map(({ name }) => memberOf(name, lookOf(facts, name)?.etcd));
  const voters = listed(facts)?.filter(({ learner }) => !learner).length ?? hosts.length;
  return {
    members,
    voters,
    serving: members.filter(({ healthy, state }) => healthy && state !== "learner").length,
    quorum: quorum(voters),
  };
}

function memberOf(host: string, look: EtcdLook | undefined): EtcdMember {
  const status = look?.status ?? null;
  return {
    host,
    state:
      status === null
        ? "away"
        : status.learner
          ? "learner"
          : status.id === status.leader
            ? "leader"
            : "follower",
    healthy: status !== null && look?.health === "",
    version: status?.version ?? null,
    sizeBytes: status?.sizeBytes ?? null,
    quotaBytes: status?.quotaBytes ?? null,
  };
}

export function etcdFindings(facts: Facts): Finding[] {
  const { voters, serving, quorum: needed } = etcdStatus(facts);
  const lost: Finding[] =
    serving < needed
      ? [
          {
            of: "etcd",
            problem: `has no quorum: ${serving} of ${voters} members serve, ${needed} have to; nothing is written meanwhile`,
            act: "start the hosts of the others; if their data is gone, docs/runbooks/etcd-data-lost.md",
          },
        ]
      : [];
  return [
    ...lost,
    ...looks(facts).flatMap(([host, look]) => memberFindings(host, look)),
    ...listFindings(facts),
    ...alarmFindings(facts),
  ];
}

function memberFindings(host: string, { status, error, health }: EtcdLook): Finding[] {
  const found = (problem: string, act?: string): Finding => ({
    of: host,
    problem,
    ...(act !== undefined && { act }),
  });
  if (status === null)
    return [found(`etcd does not answer: ${error}`, "there: sudo journalctl -u kubelet")];
  const { sizeBytes, usedBytes, quotaBytes, learner, errors } = status;
  // A learner answers no request before it has caught up.
  if (learner)
    return [
      found(
        "is a learner of etcd, without a vote: it has yet to catch up",
        "npm run status -- --wait",
      ),
    ];
  return [
    ...(health === "" ? [] : [found(`etcd carries nothing out: ${health}`)]),
    ...errors.map((each) => found(`etcd says ${each}`)),
    ...(quotaBytes !== null && sizeBytes > fullFrom * quotaBytes
      ? [found(`etcd's database takes ${percent(sizeBytes / quotaBytes)} of its quota`, defragment)]
      : []),
    ...(sizeBytes > hollowBytes && sizeBytes - usedBytes > hollowFrom * sizeBytes
      ? [found(`etcd's database is ${percent(1 - usedBytes / sizeBytes)} free space`, defragment)]
      : []),
  ];
}

const defragment = "there: sudo etcdctl defrag, one member at a time";
const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** Members that the list has and no host is for, and hosts that it does not have. */
function listFindings(facts: Facts): Finding[] {
  const members = listed(facts);
  if (members === null) return [];
  const hosts = etcdHosts(facts.outputs.nodes).map(({ name }) => name);
  return [
    ...members
      .filter(({ name }) => name !== "" && !hosts.includes(name))
      .map(({ name, id }) => ({
        of: "etcd",
        problem: `lists ${name}, which the stack does not have: it counts for the quorum`,
        act: `on a member: sudo etcdctl member remove ${id}`,
      })),
    ...hosts
      .filter((host) => members.every(({ name }) => name !== host))
      .map((host) => ({ of: host, problem: "is not in etcd's list of members", act: "pulumi up" })),
  ];
}

function alarmFindings(facts: Facts): Finding[] {
  // Each member tells all of them.
  const alarms = new Map(
    looks(facts).flatMap(([, look]) =>
      look.alarms.map(({ member, alarm }) => [`${member} ${alarm}`, { member, alarm }] as const),
    ),
  );
  return [...alarms.values()].map(({ member, alarm }) => {
    const [host] = looks(facts).find(([, { status }]) => status?.id === member) ?? ["etcd"];
    return {
      of: host,
      problem: `etcd has the alarm ${alarm}${alarm === "NOSPACE" ? ": it takes no more writes" : ""}`,
      act:
        alarm === "NOSPACE"
          ? `${defragment}; then etcdctl alarm disarm`
          : "docs/runbooks/etcd-data-lost.md",
    };
  });
}
