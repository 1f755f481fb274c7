import type { EtcdLook, Facts, HostLook, MasterLook } from "../../../../operations/status/facts";

const at = new Date("2027-03-01T00:00:00Z");
const [day, second] = [24 * 60 * 60, at.getTime() / 1000];

const etcd = [1, 2, 3].map((n) => `prod-etcd-${n}`);
const masters = [1, 2, 3].map((n) => `prod-master-${n}`);
const workers = [1, 2].map((n) => `prod-workers-${n}`);
const balancers = [1, 2].map((n) => `prod-balancer-${n}`);
const vip = "10.0.0.100";

/** A cluster as its hosts tell of it: three members, three masters, two workers behind a VIP on two balancers. Each call gives one to spoil. */
export function healthyCluster(): HealthyCluster {
  const members = etcd.map((name, n) => ({ id: `${n + 1}`, name, learner: false }));
  const hosts = new Map<string, HostLook>([
    ["prod-bastion-1", host({ way: served })],
    ...etcd.map((name, n) => [name, host({ etcd: member(`${n + 1}`, members) })] as const),
    ...masters.map((name) => [name, host({ way: served, master: master() })] as const),
    ...workers.map((name) => [name, host({ way: served })] as const),
    ...balancers.map((name) => [name, host({ services: { keepalived: "active" } })] as const),
  ]);
  hosts.get("prod-balancer-2")?.addresses.push(vip);
  const role = (name: string): string =>
    /^prod-(bastion|etcd|master|worker|balancer)/.exec(name)?.[1] ?? "";
  const outputs: Facts["outputs"] = {
    entry: { kind: "vip", name: "api.prod.internal", address: vip, port: 6443 },
    nodes: [...hosts.keys()].map((name) => ({
      ...{ name, role: role(name), privateIp: "10.0.0.1", hostKey: "" },
    })),
    certificateEnds: {
      authorities: "2036-01-01T00:00:00Z",
      administrator: "2028-12-31T00:00:00Z",
    },
    faultTolerance: { physicalHosts: 1, etcdMembers: 1, masters: 2, balancers: 1 },
  };
  return new HealthyCluster(outputs, hosts);
}

const served = { error: "", milliseconds: 9 };

function host(own: Partial<HostLook>): HostLook {
  return {
    addresses: ["10.0.0.1"],
    services: { containerd: "active", kubelet: "active" },
    certificates: [
      { path: "/etc/kubernetes/pki/a.crt", from: second - 100 * day, to: second + 265 * day },
    ],
    metrics: {},
    way: null,
    ...structuredClone(own),
  };
}

function member(id: string, members: EtcdLook["members"]): EtcdLook {
  const sizes = { sizeBytes: 20 * 2 ** 20, usedBytes: 15 * 2 ** 20, quotaBytes: 2 * 2 ** 30 };
  return {
    status: { id, leader: "2", learner: false, version: "3.6.5", errors: [], ...sizes },
    ...{ error: "", health: "", members, alarms: [] },
  };
}

function master(): MasterLook {
  const lease = (name: string, holder: string) => ({ name, holder, renewedAgo: 1, seconds: 15 });
  return {
    ...{ readyz: "", error: "", version: "v1.36.1", pods: [] },
    leases: [
      lease("kube-scheduler", "prod-master-1"),
      lease("kube-controller-manager", "prod-master-3"),
    ],
    nodes: [...masters, ...workers].map((name) => ({
      metadata: { name },
      spec: {},
      status: {
        conditions: [{ type: "Ready", status: "True" }],
        nodeInfo: {
          ...{ kubeletVersion: "v1.36.1", containerRuntimeVersion: "containerd://2.1.4" },
          ...{ kernelVersion: "6.1", osImage: "Debian 12" },
        },
      },
    })),
  };
}

/** Facts that tests spoil. */
export class HealthyCluster {
  private readonly dead = new Map<string, string>();

  constructor(
    readonly outputs: Facts["outputs"],
    private readonly looks: Map<string, HostLook>,
  ) {}

  host(name: string): HostLook {
    const look = this.looks.get(name);
    if (look === undefined) throw new Error(`no host ${name}`);
    return look;
  }

  etcd(name: string): EtcdLook {
    return this.host(name).etcd as EtcdLook;
  }

  /** Of every master, as each tells the same of the cluster. */
  masters(change: (look: MasterLook) => void): void {
    for (const name of masters) change(this.host(name).master as MasterLook);
  }

  master(name: string): MasterLook {
    return this.host(name).master as MasterLook;
  }

  /** Adds one of a role that the stack has. */
  add(name: string, role: string): void {
    this.outputs.nodes.push({ name, role, privateIp: "10.0.0.1", hostKey: "" });
    this.looks.set(name, host({}));
  }

  kill(...names: string[]): void {
    for (const name of names) this.dead.set(name, "ssh: connect timed out");
  }

  get facts(): Facts {
    const hosts = [...this.looks].map(([name, look]) => {
      const silent = this.dead.get(name);
      return [name, silent === undefined ? { look } : { silent }] as const;
    });
    return { outputs: this.outputs, hosts: new Map(hosts), at };
  }
}
