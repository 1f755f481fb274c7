import Table from "cli-table3";
import type { ClusterStatus, Finding } from "./judge";
import type { EntryStatus } from "./judge/entry";
import type { EtcdMember } from "./judge/etcd";

/** A cluster's status for people: what is wrong first, then how everything stands. Pure. */
export function renderStatus(status: ClusterStatus): string {
  const { findings, etcd, masters, nodes, versions, certificates, snapshots, tolerance } = status;
  const { authorityDays, administratorDays, leaf } = certificates;
  const lines = [
    status.healthy
      ? "healthy"
      : `NOT HEALTHY: ${findings.length} ${findings.length === 1 ? "finding" : "findings"}`,
    ...findings.map(describe),
    "",
    table(["etcd", "", "serves", "version", "database"], etcd.members.map(memberRow)),
    table(
      ["master", "apiserver", "version", "lease holder of"],
      masters.map(({ host, ready, version, holds }) => [
        host,
        ready ? "ready" : "NOT READY",
        version ?? "",
        holds.join(", "),
      ]),
    ),
    table(
      ["node", "", "kubelet", "runtime"],
      nodes.map(({ name, ready, schedulable, kubelet, runtime }) => [
        name,
        [known(ready, "Ready", "NOT READY"), schedulable === false ? "cordoned" : ""]
          .filter(Boolean)
          .join(", "),
        kubelet ?? "",
        runtime ?? "",
      ]),
    ),
    `entry        ${describeEntry(status.entry)}`,
    `versions     ${describeVersions(versions)}`,
    `certificates authorities ${authorityDays} days, administrator ${administratorDays} days, hosts' first ${leaf ? `${leaf.days} days (${leaf.host}: ${leaf.path})` : "not told"}`,
    `snapshots    ${snapshots.length === 0 ? "none" : snapshots.map(({ host, ageSeconds, kept }) => `${host} ${ageSeconds === null ? "none yet" : `${age(ageSeconds)} old`} (${kept} kept)`).join(", ")}`,
    `may be lost  ${Object.entries(tolerance)
      .map(([what, { left, of }]) => `${what} ${left}${left === of ? "" : ` of ${of}`}`)
      .join(", ")}`,
  ];
  return `${lines.join("\n")}\n`;
}

function describe({ of, problem, act }: Finding): string {
  return `  ${of}: ${problem}${act === undefined ? "" : `\n      -> ${act}`}`;
}

function memberRow({ host, state, healthy, version, sizeBytes, quotaBytes }: EtcdMember): string[] {
  return [
    host,
    state === "away" ? "AWAY" : state,
    state === "learner" ? "" : healthy ? "yes" : "NO",
    version ?? "",
    sizeBytes === null
      ? ""
      : `${mebibytes(sizeBytes)}${quotaBytes === null ? "" : ` of ${mebibytes(quotaBytes)}`}`,
  ];
}

function describeEntry({ kind, name, port, address, holders, reachedFrom, notFrom }: EntryStatus) {
  const held = holders === undefined ? "" : `, held by ${holders.join(" and ") || "nobody"}`;
  return `${kind} https://${name}:${port} (${address}${held}), answers on ${reachedFrom.length} of ${reachedFrom.length + notFrom.length} hosts`;
}

function describeVersions({ apiserver, kubelet, etcd }: ClusterStatus["versions"]): string {
  return Object.entries({ apiserver, kubelet, etcd })
    .map(([what, groups]) => `${what} ${Object.keys(groups).join(" and ") || "not told"}`)
    .join(", ");
}

function table(head: string[], rows: string[][]): string {
  const shown = new Table({ head, style: { head: [], border: [] } });
  shown.push(...rows);
  return shown.toString();
}

const known = (is: boolean | null, yes: string, no: string): string =>
  is === null ? "not told" : is ? yes : no;
const mebibytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`;
const age = (seconds: number): string =>
  seconds < 2 * 3600
    ? `${Math.round(seconds / 60)} min`
    : seconds < 2 * 86_400
      ? `${Math.round(seconds / 3600)} h`
      : `${Math.round(seconds / 86_400)} days`;
