import { readFileSync } from "node:fs";
import { join } from "node:path";
import { waitFor } from "../lab/wait";
import type { Position } from "./positions";
import { parseRecords, type Records } from "./records";
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
const namespace = "drill";
const objectPath = `/api/v1/namespaces/${namespace}/configmaps/pulse`;
/** On the disk of each host. It holds a token, so it goes when the probers do. */
const directory = "/var/lib/drill";

/** Makes what probers ask for, their identity, and a pod on every node that has a network for them. */
export async function prepareProbers({ cluster }: Site): Promise<void> {
  const named = (name: string) => ({ name, namespace });
  const labels = { app: "drill" };
  const rule = {
    apiGroups: [""],
    resources: ["configmaps"],
    verbs: ["get", "list", "watch", "patch"],
  };
  const image = `${cluster.operator.outputs.imageRepository}/probe:v1`;
  const rbac = "rbac.authorization.k8s.io";
  await cluster.apply(
    { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
    { apiVersion: "v1", kind: "ServiceAccount", metadata: named("prober") },
    { apiVersion: "v1", kind: "ConfigMap", metadata: named("pulse") },
    { apiVersion: `${rbac}/v1`, kind: "Role", metadata: named("prober"), rules: [rule] },
    {
      apiVersion: `${rbac}/v1`,
      kind: "RoleBinding",
      metadata: named("prober"),
      roleRef: { apiGroup: rbac, kind: "Role", name: "prober" },
      subjects: [{ kind: "ServiceAccount", ...named("prober") }],
    },
    {
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
            containers: [{ name: "pod", image, args: ["serve", ":8080"] }],
          },
        },
      },
    },
  );
  await cluster.rolledOut("daemonset/pod", { namespace });
}

/** Takes it all away again. */
export async function removeProbers({ cluster, plan }: Site): Promise<void> {
  await cluster.kubectl("delete", "namespace", namespace, "--ignore-not-found", "--wait=false");
  await Promise.all(
    plan.hosts.map(({ name }) => cluster.onHost(name, `rm -rf ${directory}`).catch(() => "")),
  );
}

/** Clients at some positions that ask the API at the same time. */
export class Probers {
  /** By position: seconds that the clock there is ahead of ours. */
  private readonly clocks = new Map<string, number>();

  private constructor(
    private readonly site: Site,
    readonly positions: readonly Position[],
  ) {}

  /** Starts them, and waits until each is served and all its watches are open. */
  static async start(
    site: Site,
    positions: readonly Position[],
    terms: ProbeTerms = usualTerms,
  ): Promise<Probers> {
    const probers = new Probers(site, positions);
    const { cluster } = site;
    const token = (
      await cluster.kubectl("create", "token", "prober", "-n", namespace, "--duration=2h")
    ).trim();
    await Promise.all(positions.map((position) => probers.launch(position, token, terms)));
    await Promise.all(positions.map((position) => probers.served(position, terms)));
    return probers;
  }

  private async launch(position: Position, token: string, terms: ProbeTerms): Promise<void> {
    const { cluster, plan } = this.site;
    const { entry } = plan;
    const target = {
      ...{ name: entry.apiName, resolve: position.resolve, token, ca: caOf(this.site) },
      port: position.way === "service" ? 443 : entry.port,
      path: objectPath,
      ...terms,
      // One of them writes what all watch.
      pulseMs: position.name === "worker" ? pulseMs : 0,
    };
    const own = `${directory}/${position.name}`;
    const unit = `drill-${position.name}`;
    const prober = readFileSync(join(__dirname, "prober.py"), "utf8");
    const file = (path: string, text: string): string =>
      `cat >${path} <<'END-OF-FILE'\n${text}\nEND-OF-FILE\n`;
    const before = Date.now() / 1000;
    const said = await cluster.onHost(
      position.host.name,
      `set -euo pipefail; umask 077; date +%s.%N\n` +
        `systemctl stop ${unit} 2>/dev/null || true; systemctl reset-failed ${unit} 2>/dev/null || true\n` +
        `rm -rf ${own}; mkdir -p ${own}\n` +
        file(`${own}/prober.py`, prober) +
        file(`${own}/target.json`, JSON.stringify(target)) +
        `inside=()\n${position.pod ? enterPod(await this.podOn(position.host.name), own) : ""}` +
        `systemd-run --quiet --unit=${unit} --property=Nice=-5 "\${inside[@]}" python3 ${own}/prober.py ${own}\n`,
    );
    this.clocks.set(position.name, aheadOf(Number(said), before, Date.now() / 1000));
  }

  /** Address of the drill's pod on a node. */
  private async podOn(node: string): Promise<string> {
    const at = ["--field-selector", `spec.nodeName=${node}`, "-l", "app=drill"];
    const path = "jsonpath={.items[0].status.podIP}";
    return this.site.cluster.kubectl("get", "pods", "-n", namespace, ...at, "-o", path);
  }

  private async served(position: Position, { watches }: ProbeTerms): Promise<void> {
    await waitFor(
      { what: `the API to serve ${position.name} and its watches`, deadlineSeconds: 90 },
      async (seen) => {
        const log = await this.log(position);
        seen(log.split("\n").slice(-4).join("\n") || (await this.journal(position)));
        const { tries, watches: told } = parseRecords(log);
        const open = new Set(told.filter(({ what }) => what === "open").map(({ watch }) => watch));
        const last = tries.slice(-20);
        const calm = last.length === 20 && last.every(({ error }) => error === "");
        return open.size === watches && calm ? true : undefined;
      },
    );
  }

  /** Ends them. @returns what each wrote, by the name of its position. */
  async stop(): Promise<Map<string, Records>> {
    const records = new Map<string, Records>();
    await Promise.all(
      this.positions.map(async (position) => {
        const unit = `drill-${position.name}`;
        await this.site.cluster.onHost(
          position.host.name,
          `touch ${directory}/${position.name}/stop
           for _ in $(seq 100); do systemctl -q is-active ${unit} || break; sleep 0.1; done; systemctl stop ${unit} 2>/dev/null || true`,
        );
        const clock = this.clocks.get(position.name);
        records.set(position.name, parseRecords(await this.log(position), clock));
      }),
    );
    return records;
  }

  private log({ name, host }: Position): Promise<string> {
    return this.site.cluster.onHost(host.name, `cat ${directory}/${name}/log 2>/dev/null || true`);
  }

  private journal({ name, host }: Position): Promise<string> {
    return this.site.cluster.onHost(host.name, `journalctl -n 5 --no-pager -u drill-${name}`);
  }
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
