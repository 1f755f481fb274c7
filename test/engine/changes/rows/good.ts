import type { Cluster } from "../cluster";
import { fiveMembers, inTurn, names, replace, resize, type Row } from "../row";

const { masters, etcd } = names;
const balancers = ["balancer-1", "balancer-2"] as const;
const all = [...etcd, ...masters, ...balancers, "general-1"];

const members: Row[] = [
  { title: "nothing", change: () => undefined },
  { title: "a worker added", change: (cluster) => cluster.addHost("general-1", "general-2") },
  {
    title: "three workers added",
    change: (cluster) =>
      ["general-2", "general-3", "general-4"].forEach((name) => cluster.addHost("general-1", name)),
  },
  { title: "the worker removed", change: (cluster) => cluster.removeHost("general-1") },
  {
    title: "the worker on a spot instance",
    change: (cluster) => (cluster.instance("general-1")["instanceChargeType"] = "SPOTPAID"),
  },
  {
    title: "a master prepaid, and renewed by itself",
    change: (cluster) =>
      Object.assign(cluster.instance("master-1"), {
        instanceChargeType: "PREPAID",
        instanceChargeTypePrepaidPeriod: 12,
        instanceChargeTypePrepaidRenewFlag: "NOTIFY_AND_AUTO_RENEW",
      }),
  },
  { title: "the worker resized", change: (cluster) => resize(cluster, "general-1") },
  { title: "the worker replaced", change: (cluster) => replace(cluster, "general-1") },
  {
    title: "etcd 3 -> 5 by steps of ours, which join as learners",
    change: (cluster) => ["etcd-4", "etcd-5"].forEach((name) => cluster.addHost("etcd-3", name)),
  },
  {
    title: "etcd 3 -> 5, one after the other",
    change: (cluster) => {
      ["etcd-4", "etcd-5"].forEach((name) => cluster.addHost("etcd-3", name));
      inTurn(cluster, ["etcd-4", "etcd-5"]);
    },
  },
  {
    title: "departures made before members leave",
    living: (cluster) => ["etcd-4", "etcd-5"].forEach((name) => cluster.addHost("etcd-3", name)),
    change: (cluster) => {
      cluster.addDeparture("etcd-5");
      cluster.addDeparture("etcd-4", ["etcd-5"]);
    },
  },
  {
    title: "etcd 5 -> 3, one departure after the other",
    living: fiveMembers,
    change: (cluster) => ["etcd-4", "etcd-5"].forEach((name) => cluster.removeHost(name)),
  },
  {
    title: "etcd 5 -> 3, with departures of this project, which take turns on the hosts",
    living: (cluster) =>
      ["etcd-4", "etcd-5"].forEach((name) => {
        cluster.addHost("etcd-3", name);
        cluster.addOwnDeparture(name);
      }),
    change: (cluster) => ["etcd-4", "etcd-5"].forEach((name) => cluster.removeHost(name)),
  },
  {
    title: "masters 3 -> 2, the first one leaves",
    living: (cluster) => cluster.addOwnDeparture("master-1"),
    change: (cluster) => cluster.removeHost("master-1"),
  },
  { title: "one etcd member replaced", change: (cluster) => replace(cluster, "etcd-2") },
  { title: "the first etcd member replaced", change: (cluster) => replace(cluster, "etcd-1") },
  { title: "one master replaced", change: (cluster) => replace(cluster, "master-1") },
  { title: "one balancer replaced", change: (cluster) => replace(cluster, "balancer-1") },
  {
    title: "one of each role replaced",
    change: (cluster) => replace(cluster, "etcd-3", "master-2", "balancer-2"),
  },
  {
    title: "a master added",
    change: (cluster) => {
      cluster.addHost("master-3", "master-4");
      for (const member of [...masters, "master-4"]) certificateNames(cluster, member);
    },
  },
  {
    title: "masters 3 -> 2",
    living: (cluster) => cluster.addDeparture("master-3"),
    change: (cluster) => cluster.removeHost("master-3"),
  },
  { title: "a balancer added", change: (cluster) => cluster.addHost("balancer-2", "balancer-3") },
  { title: "one master resized", change: (cluster) => resize(cluster, "master-2") },
  {
    title: "all masters resized, one after another",
    change: (cluster) => {
      resize(cluster, ...masters);
      inTurn(cluster, masters);
    },
  },
  {
    title: "all etcd members resized, one after another",
    change: (cluster) => {
      resize(cluster, ...etcd);
      inTurn(cluster, etcd);
    },
  },
  {
    title: "the bastion resized",
    change: (cluster) => (cluster.instance("bastion-1")["instanceType"] = "S5.MEDIUM4"),
  },
];

/** Every name and address of masters 3 and 4 in the certificate, once. */
function certificateNames(cluster: Cluster, member: string): void {
  const names = ["master-3", "master-4"].flatMap((name) => [
    `${cluster.name}-${name}`,
    String(cluster.instance(name)["privateIp"]),
  ]);
  cluster.editFile(member, "kubeadm.yaml", (text) =>
    text.replace(/^( *)certSANs:\n/m, (line, indent: string) =>
      [line, ...names.map((name) => `${indent}  - ${name}\n`)].join(""),
    ),
  );
}

const versions: Row[] = [
  {
    title: "a minor up, one master after another",
    change: (cluster) => {
      cluster.upgrade("v1.37.0");
      inTurn(cluster, masters);
    },
  },
  {
    title: "a minor up by steps of ours, which take turns on the hosts",
    change: (cluster) => cluster.upgrade("v1.37.0"),
  },
  {
    title: "a patch up, one master after another",
    change: (cluster) => {
      cluster.upgrade("v1.36.9");
      inTurn(cluster, masters);
    },
  },
  {
    title: "etcd a minor up, one member after another",
    change: (cluster) => {
      cluster.inputs("etcdCluster", "-etcd")["version"] = "v3.8.0";
      etcd.forEach((member) => cluster.touchGate(member, "v3.8.0"));
      inTurn(cluster, etcd);
    },
  },
];

const settings: Row[] = [
  {
    title: "the script of etcd's step changed",
    change: (cluster) => etcd.forEach((member) => changeScript(cluster, member)),
  },
  {
    title: "the script of the masters' step changed",
    change: (cluster) => masters.forEach((member) => changeScript(cluster, member)),
  },
  {
    title: "what all scripts share changed",
    change: (cluster) => all.forEach((member) => changeScript(cluster, member)),
  },
  {
    title: "a label of the worker changed",
    change: (cluster) =>
      cluster.editShared("general", "kubeadm.yaml", (text) =>
        text.replace("node.kubernetes.io/instance-type", "example.com/rack=7,$&"),
      ),
  },
  {
    title: "pods of a dead node moved sooner",
    change: (cluster) =>
      masters.forEach((member) =>
        cluster.editFile(member, "kubeadm.yaml", (text) =>
          text.replace(/(toleration-seconds\n +value: )"?\d+"?/g, '$1"60"'),
        ),
      ),
  },
  {
    title: "the audit policy changed",
    change: (cluster) =>
      masters.forEach((member) =>
        cluster.editFile(member, "policy.yaml", (text) => `${text}  - level: Request\n`),
      ),
  },
  {
    title: "HAProxy's timeouts changed",
    change: (cluster) =>
      balancers.forEach((member) =>
        cluster.editFile(member, "haproxy.cfg", (text) =>
          text.replace(/timeout connect \w+/, "timeout connect 3s"),
        ),
      ),
  },
  {
    title: "a tag added to all instances",
    change: (cluster) =>
      ["bastion-1", ...all].forEach((member) => (cluster.tags(member)["team"] = "web")),
  },
  {
    title: "a larger data disk",
    change: (cluster) => (cluster.inputs("disk", "-etcd-1-data")["storageSize"] = 200),
  },
  {
    title: "larger data disks for all of etcd",
    change: (cluster) =>
      etcd.forEach((member) => (cluster.inputs("disk", `-${member}-data`)["storageSize"] = 200)),
  },
  {
    title: "a port opened on the workers for the VPC",
    change: (cluster) =>
      cluster.ingresses("worker").push({
        action: "ACCEPT",
        protocol: "TCP",
        port: "9100",
        cidrBlock: "10.30.0.0/16",
        description: "metrics",
      }),
  },
  {
    title: "a flow closed",
    change: (cluster) => cluster.ingresses("worker").pop(),
  },
  {
    title: "a private bucket",
    change: (cluster) =>
      cluster.add("tencentcloud:index/cosBucket:CosBucket", "-snapshots", {
        bucket: `${cluster.name}-snapshots-1250000000`,
        acl: "private",
      }),
  },
  {
    title: "more bandwidth for the bastion",
    change: (cluster) => (cluster.inputs("eip", "-bastion")["internetMaxBandwidthOut"] = 50),
  },
  {
    title: "the worker's system disk larger",
    change: (cluster) => (cluster.instance("general-1")["systemDiskSize"] = 300),
  },
];

function changeScript(cluster: Cluster, member: string): void {
  cluster.step(member)["script"] = "0".repeat(16);
}

/** Changes that pass. */
export const good: readonly Row[] = [...members, ...versions, ...settings];
