import { waitFor } from "../../lab/wait";
import type { Kubectl } from "./fromBelow";
import type { TestLab } from "./lab";

/** Leases of which one master's holder does the work of all. */
export const leases = ["kube-scheduler", "kube-controller-manager"] as const;
export type Lease = (typeof leases)[number];

/** The master that holds a lease. */
export async function leaseHolder(kubectl: Kubectl, lease: Lease): Promise<string> {
  const path = "jsonpath={.spec.holderIdentity}";
  const holder = await kubectl("get", "lease", lease, "-n", "kube-system", "-o", path);
  return holder.split("_")[0] as string;
}

/** Leases that these masters hold. */
export async function leasesOf(kubectl: Kubectl, masters: readonly string[]): Promise<Lease[]> {
  const holders = await Promise.all(leases.map((lease) => leaseHolder(kubectl, lease)));
  return leases.filter((_, index) => masters.includes(holders[index] as string));
}

/** Waits until a lease is held by none of the dead. */
export async function leaseMoves(
  kubectl: Kubectl,
  lease: Lease,
  dead: readonly string[],
): Promise<void> {
  const what = `${lease}'s lease to move from ${dead.join(", ")}`;
  await waitFor({ what, deadlineSeconds: 120 }, async (seen) => {
    const now = await leaseHolder(kubectl, lease);
    seen(now);
    return dead.includes(now) ? undefined : true;
  });
}

/** Waits until the Service `kubernetes`, by which pods reach the API, lists these masters' addresses, or none of them. */
export async function apiEndpoints(
  kubectl: Kubectl,
  addresses: readonly string[],
  listed: boolean,
): Promise<void> {
  const what = `the kubernetes EndpointSlice to ${listed ? "list" : "drop"} ${addresses.join(", ")}`;
  const path = "jsonpath={.endpoints[*].addresses[*]}";
  await waitFor({ what, deadlineSeconds: 180 }, async (seen) => {
    const now = await kubectl("get", "endpointslice", "kubernetes", "-o", path);
    seen(now);
    const there = now.split(" ");
    return addresses.every((each) => there.includes(each) === listed) ? true : undefined;
  });
}

/** A Deployment of two replicas on two nodes, whose pods leave a dead node after 5 s. */
export async function deployMovable(lab: TestLab, image: string): Promise<void> {
  const labels = { app: "moves" };
  // The default of 300 s is what users get; the test need not wait for it.
  const tolerations = ["not-ready", "unreachable"].map((state) => ({
    key: `node.kubernetes.io/${state}`,
    operator: "Exists",
    effect: "NoExecute",
    tolerationSeconds: 5,
  }));
  const spread = {
    maxSkew: 1,
    topologyKey: "kubernetes.io/hostname",
    whenUnsatisfiable: "ScheduleAnyway",
    labelSelector: { matchLabels: labels },
  };
  const container = { name: "probe", image, args: ["serve", ":8080"] };
  await lab.apply({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "moves", namespace: "default" },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { tolerations, topologySpreadConstraints: [spread], containers: [container] },
      },
    },
  });
  await lab.rolledOut("deployment/moves");
}

/** Waits until two pods of the movable Deployment run, none of them on the dead node. */
export async function movablesLeave(kubectl: Kubectl, dead: string): Promise<void> {
  await waitFor(
    { what: `two replicas on other nodes than ${dead}`, deadlineSeconds: 240, everyMs: 1000 },
    async (seen) => {
      const pods = await kubectl("get", "pods", "-l", "app=moves", "-o", "wide", "--no-headers");
      seen(pods);
      const alive = pods
        .split("\n")
        .filter((line) => / 1\/1 +Running /.test(line) && !line.includes(` ${dead} `));
      return alive.length >= 2 ? true : undefined;
    },
  );
}
