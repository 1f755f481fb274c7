import { problemAt, type Problem } from "../problems";
import { type ReadSections } from "../parse";
import { etcdSizeFault, mastersFault } from "./quorum";

/** Sizes of the roles the API and the data hang on. */
export function quorumProblems({ etcd, masters }: ReadSections): Problem[] {
  return [
    ...problemAt("etcd.members", etcd && etcdSizeFault(etcd.members.length)),
    ...problemAt("masters.members", masters && mastersFault(masters.members.length)),
  ];
}
