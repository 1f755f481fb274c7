import { clusterLook, type Facts, lookOf } from "../facts";
import type { Finding } from "./finding";

/** A master as it stands. */
export interface MasterStatus {
  host: string;
  ready: boolean;
  version: string | null;
  /** Leases it holds: where of scheduler and controller-manager the one that works is. */
  holds: string[];
}

const leases = ["kube-scheduler", "kube-controller-manager"];

const masterNames = ({ outputs }: Facts): string[] =>
  outputs.nodes.filter(({ role }) => role === "master").map(({ name }) => name);

export function masterStatuses(facts: Facts): MasterStatus[] {
  const held = clusterLook(facts)?.leases ?? [];
  return masterNames(facts).map((host) => {
    const look = lookOf(facts, host)?.master;
    return {
      host,
      ready: look?.readyz === "",
      version: look?.version ?? null,
      holds: held.filter(({ holder }) => holder === host).map(({ name }) => name),
    };
  });
}

export function masterFindings(facts: Facts): Finding[] {
  const looks = masterNames(facts).flatMap((host) => {
    const look = lookOf(facts, host)?.master;
    return look === undefined ? [] : [{ host, look }];
  });
  return [
    ...looks
      .filter(({ look }) => look.readyz !== "")
      .map(({ host, look }) => ({
        of: host,
        problem: `its apiserver is not ready: ${look.readyz}`,
        act: "there: sudo journalctl -u kubelet; /var/log/pods/kube-system_kube-apiserver-*",
      })),
    ...looks
      .filter(({ look }) => look.readyz === "" && look.error !== "")
      .map(({ host, look }) => ({
        of: host,
        problem: `its apiserver does not answer: ${look.error}`,
      })),
    ...leaseFindings(facts),
  ];
}

/** Work that nobody does: a lease that was not renewed for longer than it lasts. */
function leaseFindings(facts: Facts): Finding[] {
  const look = clusterLook(facts);
  if (look === undefined) return [];
  return leases.flatMap((name) => {
    const lease = look.leases.find((each) => each.name === name);
    if (lease === undefined || lease.holder === "" || lease.renewedAgo === null)
      return [{ of: name, problem: "nobody holds its lease: it does not work on any master" }];
    return lease.renewedAgo > (lease.seconds ?? 15)
      ? [
          {
            of: name,
            problem: `${lease.holder} has its lease and has not renewed it for ${Math.round(lease.renewedAgo)} s`,
          },
        ]
      : [];
  });
}
