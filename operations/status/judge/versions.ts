import semver from "semver";
import { type Fault } from "../../../components/plan/fault";
import { apiserverSkewFault, kubeletSkewFault } from "../../../components/plan/rules/skew";
import type { Facts } from "../facts";
import { etcdStatus } from "./etcd";
import type { Finding } from "./finding";
import { masterStatuses } from "./masters";
import { nodeStatuses } from "./nodes";

/** Releases that run, and on whom: `{"v1.36.1": ["prod-master-1", ...]}`. */
export interface Versions {
  apiserver: Record<string, string[]>;
  kubelet: Record<string, string[]>;
  etcd: Record<string, string[]>;
  runtime: Record<string, string[]>;
}

export function versionsOf(facts: Facts): Versions {
  const nodes = nodeStatuses(facts);
  return {
    apiserver: grouped(masterStatuses(facts).map(({ host, version }) => [version, host])),
    kubelet: grouped(nodes.map(({ name, kubelet }) => [kubelet, name])),
    etcd: grouped(etcdStatus(facts).members.map(({ host, version }) => [version, host])),
    runtime: grouped(nodes.map(({ name, runtime }) => [runtime, name])),
  };
}

function grouped(pairs: readonly (readonly [string | null, string])[]): Record<string, string[]> {
  const groups: Record<string, string[]> = {};
  for (const [version, host] of pairs) if (version) (groups[version] ??= []).push(host);
  return groups;
}

/** Releases that may not run beside each other, and those that only an upgrade has beside each other. */
export function versionFindings(facts: Facts): Finding[] {
  const versions = versionsOf(facts);
  const apiservers = semver.sort(Object.keys(versions.apiserver));
  const kubelets = Object.entries(versions.kubelet);
  const unsupported = [
    ...found("versions", apiserverSkewFault(apiservers)),
    ...apiservers.flatMap((apiserver) =>
      kubelets.flatMap(([kubelet, hosts]) =>
        hosts.flatMap((host) => found(host, kubeletSkewFault(apiserver, kubelet))),
      ),
    ),
  ];
  if (unsupported.length > 0) return unsupported;
  const nodes = { ...versions.apiserver };
  for (const [version, hosts] of kubelets) nodes[version] = [...(nodes[version] ?? []), ...hosts];
  return [
    ...halfWay("Kubernetes", nodes),
    ...halfWay("etcd", versions.etcd),
    ...halfWay("container runtimes", versions.runtime),
  ];
}

const found = (of: string, fault: Fault | undefined): Finding[] =>
  fault === undefined ? [] : [{ of, problem: fault.message, act: fault.fix }];

function halfWay(what: string, groups: Record<string, string[]>): Finding[] {
  if (Object.keys(groups).length < 2) return [];
  return [
    {
      of: "versions",
      problem: `${what}: ${describe(groups)}: an upgrade is under way, or has stopped half-way`,
      act: "pulumi up goes on with it",
    },
  ];
}

const describe = (groups: Record<string, string[]>): string =>
  Object.entries(groups)
    .map(([version, hosts]) => {
      const names = [...new Set(hosts)];
      return `${version} on ${names.length > 3 ? `${names.length} hosts` : names.join(", ")}`;
    })
    .join(", ");
