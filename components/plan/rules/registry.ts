import semver from "semver";
import { entryKindOf } from "../entry";
import { type ReadSections } from "../parse";
import { type Problem, problemAt } from "../problems";
import { registryHostname, registryKindOf } from "../registry";
import { newestVersions } from "../schema/versions";
import { hostnameProblems } from "./frontends";
import { registryFault } from "./quorum";
import { portProblems, worldProblems } from "./ranges";

/** The cluster's own registry: as many hosts as it takes to lose one, a release, and an entry that fronts it at ports and a name of its own. */
export function registryProblems(read: ReadSections): Problem[] {
  const { registry, entry, versions } = read;
  if (registry === undefined) return [];
  const { members, port, allowedCidrs, hostname } = registry;
  const fault = entry && entryKindOf(entry).fronting(entry);
  const own = "registry.hostname";
  return [
    ...problemAt("registry.members", registryFault(members.length)),
    ...problemAt("registry", fault),
    ...(versions === undefined ? [] : versionProblems(versions.distribution)),
    ...portProblems("registry.port", port),
    ...registryKindOf(registry).problems(registry, versions),
    ...(hostname === undefined ? [] : hostnameProblems(own, hostname, read)),
    ...nameTaken(read),
    ...worldProblems("registry.allowedCidrs", allowedCidrs),
  ];
}

function versionProblems(release: string | undefined): Problem[] {
  const path = "versions.distribution";
  if (release === undefined) {
    const fix = `Set it to what it is to run; newest known: ${newestVersions.distribution}`;
    return [{ path, message: "is missing, but there is a registry", fix }];
  }
  if (semver.major(release) === 3) return [];
  const message = `got ${release}, but the configuration is written for Distribution 3`;
  return [{ path, message, fix: "Use a release of Distribution 3" }];
}

/** Its own name says where nodes find it, so that it is no registry to be mirrored, or to be asked elsewhere. */
function nameTaken(read: ReadSections): Problem[] {
  const { registry, images } = read;
  const hostname = registryHostname(read);
  const others: [path: string, names: readonly string[]][] = [
    ["registry.mirrored", registry?.mirrored ?? []],
    ["images.insecureRegistries", images?.insecureRegistries ?? []],
    ["images.mirrors", Object.keys(images?.mirrors ?? {})],
  ];
  return others.flatMap(([path, names]) =>
    names
      .filter((name) => name.replace(/:.*/, "") === hostname)
      .map((name) => ({
        path,
        message: `got ${name}, which is the cluster's own registry`,
        fix: "Take it out: nodes know where it is",
      })),
  );
}
