import type { Facts } from "../facts";
import { certificateFindings, type CertificateStatus, certificateStatus } from "./certificates";
import { entryFindings, type EntryStatus, entryStatus } from "./entry";
import { etcdFindings, type EtcdStatus, etcdStatus } from "./etcd";
import type { Finding } from "./finding";
import { hostFindings } from "./hosts";
import { masterFindings, type MasterStatus, masterStatuses } from "./masters";
import { nodeFindings, type NodeStatus, nodeStatuses } from "./nodes";
import { snapshotFindings, type SnapshotStatus, snapshotStatuses } from "./snapshots";
import { type Tolerance, toleranceOf } from "./tolerance";
import { type Versions, versionFindings, versionsOf } from "./versions";

export type { Finding } from "./finding";

/** A cluster as it stands: what `npm run status -- --json` prints. */
export interface ClusterStatus {
  /** Nothing was found. */
  healthy: boolean;
  findings: Finding[];
  etcd: EtcdStatus;
  masters: MasterStatus[];
  nodes: NodeStatus[];
  entry: EntryStatus;
  versions: Versions;
  certificates: CertificateStatus;
  /** Of each host that takes them; empty where none does. */
  snapshots: SnapshotStatus[];
  tolerance: Tolerance;
}

/** Judges a cluster by what its hosts say. Pure. */
export function judge(facts: Facts): ClusterStatus {
  const findings = [
    ...hostFindings(facts),
    ...etcdFindings(facts),
    ...masterFindings(facts),
    ...nodeFindings(facts),
    ...entryFindings(facts),
    ...versionFindings(facts),
    ...certificateFindings(facts),
    ...snapshotFindings(facts),
  ];
  return {
    healthy: findings.length === 0,
    findings,
    etcd: etcdStatus(facts),
    masters: masterStatuses(facts),
    nodes: nodeStatuses(facts),
    entry: entryStatus(facts),
    versions: versionsOf(facts),
    certificates: certificateStatus(facts),
    snapshots: snapshotStatuses(facts),
    tolerance: toleranceOf(facts),
  };
}
