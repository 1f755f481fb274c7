import { type Problem } from "../problems";
import { type ReadSections } from "../parse";
import { balancersFault, etcdSizeFault, type Fault, mastersFault } from "./quorum";

/** Sizes of the roles the API and the data hang on. */
export function quorumProblems({ etcd, masters, entry }: ReadSections): Problem[] {
  return [
    ...at("etcd.members", etcd && etcdSizeFault(etcd.members.length)),
    ...at("masters.members", masters && mastersFault(masters.members.length)),
    ...at("entry.balancers.members", entry && balancersFault(entry.balancers.members.length)),
  ];
}

function at(path: string, fault: Fault | undefined): Problem[] {
  return fault === undefined ? [] : [{ path, ...fault }];
}
