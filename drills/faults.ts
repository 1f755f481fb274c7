import type { HostPlan } from "../components/plan/cluster";
import { waitFor } from "../lab/wait";
import { allWell, type Cast, placeOf, type Site } from "./site";

/** What a fault is of, by which is judged how long new connections may fail. */
export type FaultClass = "process" | "frozen" | "host" | "quorum" | "restart" | "no spare";

/** Something that goes wrong, as it is done to one cluster. */
export interface Act {
  /** What is done, and to whom: `kill -9 of kube-apiserver on lab-master-2`. */
  does: string;
  /** The master that is struck lives on, so that a client on it can be asked as well. */
  struckLives: boolean;
  strike(): Promise<unknown>;
  /** How long it is left so, in seconds. */
  hold: number;
  /** Puts it right; what follows is measured apart. @default it mends itself */
  undo?(): Promise<unknown>;
}

/** Something that may go wrong. */
export interface Fault {
  name: string;
  /** What it is, for people. */
  about: string;
  class: FaultClass;
  /** How many masters serve before it. @default all */
  masters?: number;
  /** How it is done to a cluster; undefined where that has no such part. */
  on(site: Site, cast: Cast): Act | undefined;
}

const apiserver = "kube-apiserver";

/** A signal to all processes of a name on a host. */
function signal({ cluster }: Site, host: HostPlan, kind: string, name: string): Promise<string> {
  return cluster.onHost(host.name, `pkill -${kind} -x ${name}`);
}

/** Stops all processes of a name for a while. They go on by themselves, whatever becomes of us meanwhile. */
function frozen({ cluster }: Site, host: HostPlan, name: string, seconds: number): Promise<string> {
  const order = `pkill -STOP -x ${name}; sleep ${seconds}; pkill -CONT -x ${name}`;
  return cluster.onHost(host.name, `systemd-run --quiet sh -c '${order}'`);
}

const killed = (site: Site, host: HostPlan, name: string): Act => ({
  does: `kill -9 of ${name} on ${host.name}`,
  struckLives: true,
  strike: () => signal(site, host, "KILL", name),
  hold: 12,
});

/** An order of the machine below to one host, and the one that takes it back. */
function ordered(
  site: Site,
  host: HostPlan,
  [order, back]: ["kill", "start"] | ["cut", "mend"],
): Act & Required<Pick<Act, "undo">> {
  const give = async (what: typeof order | typeof back): Promise<void> =>
    site.cluster.admin.instance((await placeOf(site, host)).instanceId, what);
  return {
    does: `${order === "kill" ? "power loss" : "link cut"} of ${host.name}`,
    struckLives: false,
    strike: () => give(order),
    hold: 25,
    undo: () => give(back),
  };
}

/** Hosts that lose power at the same time, for a while. */
export const powerLoss = (site: Site, hosts: readonly HostPlan[]): Act => {
  const acts = hosts.map((host) => ordered(site, host, ["kill", "start"]));
  return {
    does: `power loss of ${hosts.map(({ name }) => name).join(" and ")}`,
    struckLives: false,
    strike: () => Promise.all(acts.map((act) => act.strike())),
    hold: 25,
    undo: () => Promise.all(acts.map((act) => act.undo())),
  };
};

/** What passes connections on at the places of the entry's kind: its program and the host whose death of it is worst. */
function proxyOf({ plan }: Site, { struck, worker, holder }: Cast): [HostPlan, string] | undefined {
  const { entry } = plan;
  switch (entry.kind) {
    case "vip":
      return holder && [holder, "haproxy"];
    case "clb":
      return [struck, "haproxy"];
    case "lvs": {
      const [balancer] = entry.balancers;
      return balancer && [balancer, "haproxy"];
    }
    case "nodeLocal":
      return entry.proxy === "ipvs" ? undefined : [worker, entry.proxy];
  }
}

/** Who keeps an address or rules of the kernel, where somebody does. */
function keeperOf({ plan }: Site, { worker, holder }: Cast): HostPlan | undefined {
  const { entry } = plan;
  return entry.kind === "nodeLocal" && entry.proxy === "ipvs" ? worker : holder;
}

const apiserverKilled: Fault = {
  name: "apiserver-killed",
  about: "the process of an apiserver is killed; the kubelet starts it again",
  class: "process",
  on: (site, { struck }) => killed(site, struck, apiserver),
};

/** All faults of the contract, in the order they are tried in. */
export const faults: readonly Fault[] = [
  apiserverKilled,
  {
    name: "proxy-killed",
    about: "what passes connections on is killed: HAProxy or nginx, where the kind has it",
    class: "process",
    on(site, cast) {
      const [host, name] = proxyOf(site, cast) ?? [];
      return host && killed(site, host, name as string);
    },
  },
  {
    name: "keepalived-killed",
    about: "keepalived is killed where it holds the address, or keeps the rules of IPVS",
    class: "process",
    on(site, cast) {
      const host = keeperOf(site, cast);
      return host && killed(site, host, "keepalived");
    },
  },
  {
    name: "apiserver-frozen",
    about: "an apiserver does nothing for 20 s, its connections stay (SIGSTOP, SIGCONT)",
    class: "frozen",
    on: (site, { struck }) => ({
      does: `SIGSTOP of ${apiserver} on ${struck.name} for 20 s`,
      struckLives: true,
      strike: () => frozen(site, struck, apiserver, 20),
      hold: 20,
      undo: () => Promise.resolve(),
    }),
  },
  {
    name: "etcd-without-quorum",
    about: "a majority of etcd does nothing for 5 s",
    class: "quorum",
    on(site) {
      const members = site.plan.etcd.slice(0, Math.floor(site.plan.etcd.length / 2) + 1);
      return {
        does: `SIGSTOP of etcd on ${members.map(({ name }) => name).join(" and ")} for 5 s`,
        struckLives: true,
        strike: () => Promise.all(members.map((member) => frozen(site, member, "etcd", 5))),
        hold: 12,
      };
    },
  },
  {
    name: "balancer-host-killed",
    about: "the host that holds the address loses power, where it is no master",
    class: "host",
    on: (site, { holder }) =>
      holder && !holder.duties.includes("controlPlane")
        ? ordered(site, holder, ["kill", "start"])
        : undefined,
  },
  {
    name: "master-cut-off",
    about: "nothing passes between a master and the network for 25 s",
    class: "host",
    on: (site, { struck }) => ordered(site, struck, ["cut", "mend"]),
  },
  {
    name: "master-killed",
    about: "a master loses power",
    class: "host",
    on: (site, { struck }) => ordered(site, struck, ["kill", "start"]),
  },
  {
    name: "machine-killed",
    about:
      "a physical machine loses power, with a master, a member of etcd and the holder of the address",
    class: "host",
    on: ({ cluster }, { machine }) => ({
      does: `power loss of ${machine}`,
      struckLives: false,
      strike: () => cluster.admin.power(machine, "kill"),
      hold: 30,
      undo: () => cluster.admin.power(machine, "start"),
    }),
  },
  {
    name: "zone-killed",
    about: "a zone loses power, where there are several",
    class: "host",
    on({ cluster, plan }, { struck }) {
      if (plan.network.subnets.length === 1) return undefined;
      return {
        does: `power loss of ${struck.zone}`,
        struckLives: false,
        strike: () => cluster.admin.domain("zones", struck.zone, "kill"),
        hold: 30,
        undo: () => cluster.admin.domain("zones", struck.zone, "start"),
      };
    },
  },
  {
    name: "apiservers-restarted-in-turn",
    about: "every apiserver is stopped in good order (SIGTERM) and comes back, one after another",
    class: "restart",
    on: (site) => ({
      does: `SIGTERM of ${apiserver} on each master, the next once the last one serves`,
      struckLives: true,
      async strike() {
        for (const master of site.plan.masters) {
          const old = await processOf(site, master);
          await signal(site, master, "TERM", apiserver);
          await waitFor(
            { what: `another ${apiserver} on ${master.name}`, deadlineSeconds: 180 },
            async () => ((await processOf(site, master)) === old ? undefined : true),
          );
          await allWell(site);
        }
      },
      hold: 5,
    }),
  },
  { ...apiserverKilled, name: "apiserver-killed-of-2", masters: 2 },
  { ...apiserverKilled, name: "apiserver-killed-of-1", class: "no spare", masters: 1 },
];

/** Id of the process that serves on a master. */
async function processOf({ cluster }: Site, { name }: HostPlan): Promise<string> {
  return cluster.onHost(name, `pgrep -x ${apiserver}`);
}
