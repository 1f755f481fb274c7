import { type Facts, lookOf } from "../facts";
import type { Finding } from "./finding";

/** The way to the API as it stands. */
export interface EntryStatus {
  kind: string;
  name: string;
  address: string;
  port: number;
  /** Hosts that reach the API by its name, and those that do not. */
  reachedFrom: string[];
  notFrom: string[];
  /** Who has the virtual address; absent where the kind has none that hosts hold. */
  holders?: string[];
}

/** Kinds whose address one of their hosts holds. */
const heldKinds = ["vip", "lvs"];

export function entryStatus(facts: Facts): EntryStatus {
  const { entry, nodes } = facts.outputs;
  const ways = nodes.flatMap(({ name }) => {
    const way = lookOf(facts, name)?.way;
    return way ? [{ name, way }] : [];
  });
  return {
    ...entry,
    reachedFrom: ways.filter(({ way }) => way.error === "").map(({ name }) => name),
    notFrom: ways.filter(({ way }) => way.error !== "").map(({ name }) => name),
    ...(heldKinds.includes(entry.kind) && { holders: holdersOf(facts) }),
  };
}

function holdersOf(facts: Facts): string[] {
  const { entry, nodes } = facts.outputs;
  return nodes
    .map(({ name }) => name)
    .filter((name) => lookOf(facts, name)?.addresses.includes(entry.address));
}

export function entryFindings(facts: Facts): Finding[] {
  const { name, port, address, holders, notFrom, reachedFrom } = entryStatus(facts);
  const found = (problem: string, act?: string): Finding => ({
    of: "entry",
    problem,
    ...(act !== undefined && { act }),
  });
  const why = (host: string): string => lookOf(facts, host)?.way?.error ?? "";
  return [
    ...notFrom.map((host) =>
      found(`https://${name}:${port} does not answer on ${host}: ${why(host)}`),
    ),
    ...(reachedFrom.length + notFrom.length === 0
      ? [found("nobody could be asked whether the API answers")]
      : []),
    ...(holders?.length === 0
      ? [
          found(
            `no host that can be asked holds ${address}`,
            "on its hosts: sudo journalctl -u keepalived",
          ),
        ]
      : []),
    ...((holders?.length ?? 0) > 1
      ? [
          found(
            `${address} is held by ${holders?.join(" and ") ?? ""} at once: they do not hear each other`,
          ),
        ]
      : []),
  ];
}
