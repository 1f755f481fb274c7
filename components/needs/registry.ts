import type { ClusterPlan, HostPlan } from "../plan/cluster";
import { harborImages } from "../plan/images";
import type { HostNeeds } from "../plan/needs";
import type { Duty } from "../plan/roles";
import { registryUnits } from "../render";

/** Duties that are done in containers, whatever the cluster is made of. */
const containerDuties: readonly Duty[] = ["etcd", "controlPlane", "worker"];

/** Whether a host does anything in containers: one of a registry does where that is Harbor. */
export function runsContainers(
  { registry }: Pick<ClusterPlan, "registry">,
  { duties }: HostPlan,
): boolean {
  const harbor = registry?.kind === "harbor";
  return duties.some((duty) => containerDuties.includes(duty) || (harbor && duty === "registry"));
}

/** What a host of the registry needs before its programs start, beside what runs containers where it has some. */
export function registryNeeds({ registry }: Pick<ClusterPlan, "registry">): HostNeeds {
  if (registry === undefined) return {};
  const { pull, push } = registryUnits;
  const harbor = registry.kind === "harbor";
  return {
    artifacts: [{ name: "distribution", version: registry.version, binary: "registry" }],
    laterServices: harbor ? [push] : [pull, push],
    images: harbor ? harborImages : [],
  };
}
