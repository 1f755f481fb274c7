import { entryKindOf } from "../entry";
import { topologyOf } from "../etcd";
import { type ReadSections } from "../parse";
import { problemAt, type Problem } from "../problems";
import { mastersFault } from "./quorum";

/** What the topology of etcd and the kind of entry find wrong with their settings, and the number of masters. */
export function kindProblems({ etcd, masters, entry, network }: ReadSections): Problem[] {
  return [
    ...(etcd ? topologyOf(etcd).rules(etcd, { network, masters: masters?.members }) : []),
    ...problemAt("masters.members", masters && mastersFault(masters.members.length)),
    ...(entry ? entryKindOf(entry).rules(entry, network, masters?.members) : []),
  ];
}
