import { readFileSync } from "node:fs";
import { join } from "node:path";
import { probeImage } from "../lab/probeImage";
import { waitFor } from "../lab/wait";
import type { Position } from "./positions";
import { type Entry, parseRecords, type Records } from "./records";
import type { Site } from "./site";

/** How probers ask. */
export interface ProbeTerms {
  everyMs: number;
  limitMs: number;
  watches: number;
}

/** What the contract measures with. */
export const usualTerms: ProbeTerms = { everyMs: 50, limitMs: 1000, watches: 10 };

const pulseMs = 200;
/** Of all that a drill makes. */
export const namespace = "drill";
const pathOf = (name: string): string => `/api/v1/namespaces/${namespace}/configmaps/${name}`;
/** On the disk of each host. It holds a token, so it goes when the probers do. */
const directory = "/var/lib/drill";

const named = (name: string) => ({ name, namespace });

/** Makes what probers ask for, their identity, and a pod on every node that has a network for them. */
export async function prepareProbers(site: Site): Promise<void> {
  await prepareIdentity(site);
  await preparePods(site);
}

/** Makes what probers ask for and their identity, which is all that those on hosts need. */
export async function prepareIdentity({ cluster }: Pick<Site, "cluster">): Promise<void> {
  const rule = {
    apiGroups: [""],
    resources: ["configmaps"],
    verbs: ["get", "list", "watch", "patch"],
  };
  const rbac = "rbac.authorization.k8s.io";
  await cluster.apply(
    { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
    { apiVersion: "v1", kind: "ServiceAccount", metadata: named("prober") },
    { apiVersion: "v1", kind: "ConfigMap", metadata: named("pulse") },
    { apiVersion: "v1", kind: "ConfigMap", metadata: named("ledger") },
    { apiVersion: `${rbac}/v1`, kind: "Role", metadata: named("prober"), rules: [rule] },
    {
      apiVersion: `${rbac}/v1`,
      kind: "RoleBinding",
      metadata: named("prober"),
      roleRef: { apiGroup: rbac, kind: "Role", name: "prober" },
      subjects: [{ kind: "ServiceAccount", ...named("prober") }],
    },
  );
}

async function preparePods({ cluster }: Site): Promise<void> {
  const labels = { app: "drill" };
  await cluster.apply({
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: named("pod"),
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          tolerations: [{ operator: "Exists" }],
          terminationGracePeriodSeconds: 1,
          containers: [{ name: "pod", image: probeImage, args: ["serve", ":8080"] }],
        },
      },
    },
  });
  await cluster.rolledOut("daemonset/pod", { namespace });
}

/** Takes it all away again. */
export async function removeProbers({ cluster, plan }: Site): Promise<void> {
  await cluster.kubectl("delete", "namespace", namespace, "--ignore-not-found", "--wait=false");
  await Promise.all(
    plan.hosts.map(({ name }) => cluster.onHost(name, `rm -rf ${directory}`).catch(() => "")),
  );
}

/** Acknowledged entries of the ledger that the cluster no longer has. */
export async function lostEntries({ cluster }: Site, entries: readonly Entry[]): Promise<string[]> {
  const get = ["get", "configmap", "ledger", "-n", namespace, "-o", "json"];
  const { data } = JSON.parse(await cluster.kubectl(...get)) as { data?: Record<string, string> };
  return entries
    .filter(({ error, key }) => error === "" && data?.[key] === undefined)
    .map(({ key }) => key);
}

/** Clients at some positions that ask the API at the same time. */
export class Probers {
  /** By position: seconds that the clock there is ahead of ours. */
  private readonly clocks = new Map<string, number>();

  constructor(
    private readonly site: Site,
    private readonly positions: readonly Position[],
    private readonly terms: ProbeTerms = usualTerms,
  ) {}

  /**
   * Has them ask while something is done. It begins once each is served and all its watches are open.
   *
   * @returns what was done, and what each wrote, by the name of its position.
   */
  async during<T>(work: () => Promise<T>): Promise<{ done: T; records: Map<string, Records> }> {
    try {
      await this.start();
      const done = await work();
      return { done, records: await this.stop() };
    } catch (error) {
      await this.stop().catch(() => undefined);
      throw error;
    }
  }

  private async start(): Promise<void> {
    const { cluster } = this.site;
    // It is for one run: it would grow, and every write of it with it.
    const clear = JSON.stringify([{ op: "add", path: "/data", value: {} }]);
    const ledger = ["configmap", "ledger", "-n", namespace];
    await cluster.kubectl("patch", ...ledger, "--type=json", "-p", clear);
    const create = ["create", "token", "prober", "-n", namespace, "--duration=2h"];
    const token = (await cluster.kubectl(...create)).trim();
    const pods = await podsByNode(this.site);
    const before = Date.now() / 1000;
    const clocks = await this.everywhere((position) =>
      launch(position, this.target(position, token), pods),
    );
    for (const [name, shown] of clocks)
      this.clocks.set(name, aheadOf(Number(shown), before, Date.now() / 1000));
    await waitFor(
      { what: "the API to serve all positions and their watches", ...startLimits },
      async (seen) => {
        const look = ({ name }: Position): string =>
          `grep '^."open"' ${directory}/${name}/log; grep '^."try"' ${directory}/${name}/log | tail -n 20`;
        const logs = await this.everywhere((position) => `{ ${look(position)}; } || true`);
        const waiting = [...logs].filter(([, log]) => !this.isServed(log));
        seen(waiting.map(([name, log]) => `${name}: ${log.split("\n").at(-2) ?? ""}`).join("\n"));
        return waiting.length === 0 ? true : undefined;
      },
    );
  }

  private async stop(): Promise<Map<string, Records>> {
    const logs = await this.everywhere(({ name }) => {
      const own = `${directory}/${name}`;
      return `mkdir -p ${own}; touch ${own}/stop
for _ in {1..100}; do systemctl --quiet is-active drill-${name} || break; sleep 0.1; done
systemctl stop drill-${name} 2>/dev/null || true
cat ${own}/log 2>/dev/null || true`;
    });
    return new Map(
      [...logs].map(([name, log]) => [name, parseRecords(log, this.clocks.get(name))]),
    );
  }

  private target({ name, way, resolve }: Position, token: string): object {
    const { entry } = this.site.plan;
    return {
      ...{ name: entry.apiName, resolve, token, ca: caOf(this.site), path: pathOf("pulse") },
      port: way === "service" ? 443 : entry.port,
      ...this.terms,
      // One of them writes what all watch.
      pulseMs: name === "worker" ? pulseMs : 0,
      ledger: pathOf("ledger"),
    };
  }

  private isServed(log: string): boolean {
    const { tries, watches } = parseRecords(log);
    return (
      new Set(watches.map(({ watch }) => watch)).size === this.terms.watches &&
      // On a machine that has much else to do some take longer than they may.
      tries.filter(({ error }) => error === "").length >= 15
    );
  }

  /** Runs a script for each position, in one login a host. @returns what each printed, by the name of its position. */
  private async everywhere(script: (position: Position) => string): Promise<Map<string, string>> {
    const hosts = [...new Set(this.positions.map(({ host }) => host.name))];
    const printed = await Promise.all(
      hosts.map((host) => {
        const own = this.positions.filter((each) => each.host.name === host);
        const scripts = own.map((each) => `echo '#${each.name}'\n${script(each)}`);
        return this.site.cluster.onHost(host, scripts.join("\n"));
      }),
    );
    return new Map(
      printed
        .flatMap((text) => text.split(/^#/m).slice(1))
        .map((part) => [part.slice(0, part.indexOf("\n")), part.slice(part.indexOf("\n") + 1)]),
    );
  }
}

const startLimits = { deadlineSeconds: 180, everyMs: 1500 };

/** Addresses of the drill's pods by node. */
async function podsByNode({ cluster }: Site): Promise<Map<string, string>> {
  const path = `jsonpath={range .items[*]}{.spec.nodeName} {.status.podIP}{"\\n"}{end}`;
  const get = ["get", "pods", "-n", namespace, "-l", "app=drill", "-o", path];
  const lines = (await cluster.kubectl(...get)).trim().split("\n");
  return new Map(lines.map((line) => line.split(" ") as [string, string]));
}

/** A script that starts a prober, and prints the time there first. */
function launch({ name, host, pod }: Position, target: object, pods: Map<string, string>): string {
  const own = `${directory}/${name}`;
  const prober = readFileSync(join(__dirname, "prober.py"), "utf8");
  const file = (path: string, text: string): string =>
    `cat >${path} <<'END-OF-FILE'\n${text}\nEND-OF-FILE\n`;
  return `set -euo pipefail; umask 077; date +%s.%N
systemctl stop drill-${name} 2>/dev/null || true; systemctl reset-failed drill-${name} 2>/dev/null || true
rm -rf ${own}; mkdir -p ${own}
${file(`${own}/prober.py`, prober)}${file(`${own}/target.json`, JSON.stringify(target))}inside=()
${pod ? enterPod(pods.get(host.name) ?? "", own) : ""}systemd-run --quiet --unit=drill-${name} "\${inside[@]}" python3 ${own}/prober.py ${own}
`;
}

/**
 * Puts into `inside` what gives a unit the network of the drill's pod on this node, and what the pod has in its /etc/hosts and /etc/resolv.conf.
 * Needs no client of the container runtime, which hosts have not.
 */
const enterPod = (ip: string, own: string): string => `for each in /run/netns/cni-*; do
  ip -n "\${each##*/}" -4 -o address show | grep -qwF '${ip}' && network=$each
done
for pid in $(ip netns pids "\${network##*/}"); do
  [[ $(</proc/$pid/comm) == probe ]] && pod=$pid
done
inside=(--property=NetworkNamespacePath="$network")
for file in hosts resolv.conf; do
  cat "/proc/$pod/root/etc/$file" >${own}/$file
  inside+=(--property=BindReadOnlyPaths=${own}/$file:/etc/$file)
done
`;

/** Seconds that a clock that showed `shown` at some moment between two of ours was ahead; 0 where it may have been right. */
export function aheadOf(shown: number, before: number, after: number): number {
  if (shown < before) return shown - before;
  return shown > after ? shown - after : 0;
}

/** PEM text of the CA that the API's certificate is of. */
function caOf({ cluster }: Site): string {
  const found = /certificate-authority-data: *(\S+)/.exec(cluster.operator.outputs.kubeconfig);
  return Buffer.from(found?.[1] ?? "", "base64").toString();
}
