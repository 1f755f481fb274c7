import semver from "semver";
import { type Fault } from "../fault";

/** Minors a kubelet may be older than an apiserver (Kubernetes version skew policy, since 1.28). */
export const kubeletMinorsBehind = 3;

/** Why a kubelet may not talk to an apiserver; undefined when it may. */
export function kubeletSkewFault(apiserver: string, kubelet: string): Fault | undefined {
  if (semver.gt(kubelet, apiserver)) {
    return {
      message: `the kubelet is ${kubelet}, newer than the apiserver, ${apiserver}`,
      fix: "Upgrade the masters first",
    };
  }
  const behind = minorsBetween(kubelet, apiserver);
  if (behind <= kubeletMinorsBehind) return undefined;
  return {
    message: `the kubelet is ${kubelet}, ${behind} minors older than the apiserver, ${apiserver}; ${kubeletMinorsBehind} are supported`,
    fix: "Upgrade the workers before the masters go on",
  };
}

/** Why apiservers of two releases may not serve one cluster; undefined when they may. */
export function apiserverSkewFault(releases: readonly string[]): Fault | undefined {
  const [oldest, ...others] = semver.sort([...releases]);
  const newest = others.at(-1);
  if (oldest === undefined || newest === undefined) return undefined;
  const between = minorsBetween(oldest, newest);
  if (between <= 1) return undefined;
  return {
    message: `apiservers of ${oldest} and ${newest} are ${between} minors apart; 1 is supported`,
    fix: "Upgrade by one minor at a time, all masters before the next",
  };
}

function minorsBetween(older: string, newer: string): number {
  return semver.major(older) === semver.major(newer)
    ? semver.minor(newer) - semver.minor(older)
    : Infinity;
}
