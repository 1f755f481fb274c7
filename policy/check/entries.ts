import { object, text } from "../facts/values";
import type { Change } from "./change";
import type { State } from "./preview";
import { lastOf, type World } from "./world";

/** Components that are the way to the API. */
const kinds = ["vipEntry", "clbEntry", "lvsEntry", "nodeLocalEntry"] as const;

/** A cluster's way to the API, as its component registers it. */
export interface Entry {
  urn: string;
  kind: (typeof kinds)[number];
  /** `<name>:<port>`. */
  endpoint: string | undefined;
  /** The cluster's component; undefined for an entry that stands alone. */
  cluster: string | undefined;
}

/** Entries of all clusters at one moment. */
export function entriesOf({ stack }: World): Entry[] {
  return kinds.flatMap((kind) =>
    stack.of(kind).map((resource) => ({
      urn: resource.urn,
      kind,
      endpoint: text(object(resource.props["entry"])["endpoint"]),
      cluster: stack.within(resource, "cluster")?.urn,
    })),
  );
}

/** The entry that a cluster has afterwards, in the place of another one or as the same. */
export function entryAfter(change: Change, { cluster }: Entry): Entry | undefined {
  return entriesOf(change.after).find((other) => other.cluster === cluster);
}

/**
 * The entry in whose place another one of another kind comes, of which this resource is a part or serves. The engine makes all of the new one first, the hosts
 * of the cluster go over to it, and what the program names no more is deleted when all of that is done: so no part of the old one is missed.
 */
export function isSucceeded(change: Change, { urn }: State): boolean {
  const { stack } = change.before;
  const resource = stack.find(urn);
  if (resource === undefined) return false;
  const cluster = stack.within(resource, "cluster")?.urn;
  return entriesOf(change.before).some((entry) => {
    const after = entryAfter(change, entry);
    return (
      entry.cluster === cluster &&
      change.act(entry.urn) === "delete" &&
      after !== undefined &&
      after.kind !== entry.kind &&
      after.endpoint !== undefined &&
      after.endpoint === entry.endpoint
    );
  });
}

/** Clusters whose members know the API by an endpoint that is to be another one. */
export function movedEndpoints(change: Change): { urn: string; message: string }[] {
  return entriesOf(change.before).flatMap((entry) => {
    const after = entryAfter(change, entry);
    if (after === undefined || entry.endpoint === after.endpoint) return [];
    const message = `the endpoint of ${lastOf(entry.urn)} goes from ${entry.endpoint} to ${after.endpoint} while its cluster lives: kubeconfigs of nodes and people have the old one`;
    return [{ urn: after.urn, message }];
  });
}
