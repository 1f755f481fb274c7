import semver from "semver";
import { type ReadSections } from "../parse";
import { type Problem } from "../problems";
import { newestVersions } from "../schema/versions";

/** Oldest release of kube-network-policies that the rendered manifest is right for. */
const oldest = "0.8.0";

/** A release of what enforces network policies, where something does. */
export function networkPolicyProblems({ podNetwork, versions }: ReadSections): Problem[] {
  if (versions === undefined) return [];
  const path = "versions.kubeNetworkPolicies";
  const { kubeNetworkPolicies: release } = versions;
  if (release === undefined) {
    if (podNetwork?.networkPolicy !== "kube-network-policies") return [];
    const message = "is missing, and podNetwork.networkPolicy is kube-network-policies";
    const fix = `Set it to what is to run; newest known: ${newestVersions.kubeNetworkPolicies}`;
    return [{ path, message, fix }];
  }
  if (semver.gte(release, oldest)) return [];
  const message = `got ${release}, but the manifest is written for v${oldest} or later`;
  return [{ path, message, fix: `Use v${oldest} or later` }];
}
