import type { Cluster } from "../cluster";
import { fiveMembers, names, regroup, replace, resize, type Row } from "../row";

const open = (cidr: string, port: string, protocol = "TCP") => ({
  action: "ACCEPT",
  protocol,
  port,
  cidrBlock: cidr,
  description: "opened",
});

/** Changes of members, one of which would lose the quorum, or may. */
const members: Row[] = [
  {
    title: "two etcd members replaced at once",
    rule: "change-one-replacement",
    change: (cluster) => replace(cluster, "etcd-1", "etcd-2"),
  },
  {
    title: "two etcd members replaced, one after the other",
    rule: "change-one-replacement",
    change: (cluster) => {
      cluster.order("etcd-2", "etcd-1");
      replace(cluster, "etcd-1", "etcd-2");
    },
  },
  {
    title: "all etcd members replaced",
    rule: "change-quorum-kept",
    change: (cluster) => replace(cluster, ...names.etcd),
  },
  {
    title: "two masters replaced at once",
    rule: "change-one-replacement",
    change: (cluster) => replace(cluster, "master-1", "master-3"),
  },
  {
    title: "both balancers replaced at once",
    rule: "change-quorum-kept",
    change: (cluster) => replace(cluster, "balancer-1", "balancer-2"),
  },
  {
    title: "etcd 3 -> 2",
    rule: "quorum-etcd-odd-members",
    living: (cluster) => cluster.addDeparture("etcd-3"),
    change: (cluster) => cluster.removeHost("etcd-3"),
  },
  {
    title: "etcd 3 -> 1",
    rule: "change-quorum-kept",
    living: (cluster) => {
      cluster.addDeparture("etcd-3");
      cluster.addDeparture("etcd-2", ["etcd-3"]);
    },
    change: (cluster) => ["etcd-2", "etcd-3"].forEach((member) => cluster.removeHost(member)),
  },
  {
    title: "etcd 5 -> 4",
    rule: "quorum-etcd-odd-members",
    living: fiveMembers,
    change: (cluster) => cluster.removeHost("etcd-5"),
  },
  {
    title: "etcd 3 -> 4",
    rule: "quorum-etcd-odd-members",
    change: (cluster) => cluster.addHost("etcd-3", "etcd-4"),
  },
  {
    title: "etcd 5 -> 3 with both leaving at once",
    rule: "change-in-order",
    living: (cluster) => {
      cluster.addHost("etcd-3", "etcd-4");
      cluster.addHost("etcd-3", "etcd-5");
      cluster.addDeparture("etcd-4");
      cluster.addDeparture("etcd-5");
    },
    change: (cluster) => ["etcd-4", "etcd-5"].forEach((member) => cluster.removeHost(member)),
  },
  {
    title: "etcd 3 -> 1, with departures of this project",
    rule: "change-quorum-kept",
    living: (cluster) => ["etcd-2", "etcd-3"].forEach((member) => cluster.addOwnDeparture(member)),
    change: (cluster) => ["etcd-2", "etcd-3"].forEach((member) => cluster.removeHost(member)),
  },
  {
    title: "etcd 5 -> 3 without departures",
    rule: "change-departures",
    living: (cluster) =>
      ["etcd-4", "etcd-5"].forEach((member) => cluster.addHost("etcd-3", member)),
    change: (cluster) => ["etcd-4", "etcd-5"].forEach((member) => cluster.removeHost(member)),
  },
  {
    title: "a departure that does nothing when it is deleted",
    rule: "change-departures",
    living: (cluster) => {
      fiveMembers(cluster);
      for (const member of ["etcd-4", "etcd-5"]) {
        delete cluster.inputs("command", `-${member}-departure`)["delete"];
      }
    },
    change: (cluster) => ["etcd-4", "etcd-5"].forEach((member) => cluster.removeHost(member)),
  },
  {
    title: "masters 3 -> 1",
    rule: "quorum-masters-minimum",
    living: (cluster) => {
      cluster.addDeparture("master-3");
      cluster.addDeparture("master-2", ["master-3"]);
    },
    change: (cluster) => ["master-2", "master-3"].forEach((member) => cluster.removeHost(member)),
  },
  {
    title: "masters 2 -> 1",
    rule: "quorum-masters-minimum",
    living: (cluster) => {
      cluster.removeHost("master-3");
      cluster.addDeparture("master-2");
    },
    change: (cluster) => cluster.removeHost("master-2"),
  },
  {
    title: "a master deleted without a departure",
    rule: "change-departures",
    change: (cluster) => cluster.removeHost("master-3"),
  },
  {
    title: "balancers 2 -> 1",
    rule: "entry-redundant",
    change: (cluster) => cluster.removeHost("balancer-2"),
  },
  {
    title: "two masters resized at once",
    rule: "change-in-order",
    change: (cluster) => resize(cluster, "master-1", "master-2"),
  },
  {
    title: "two etcd members resized in order, with no gate between",
    rule: "change-in-order",
    change: (cluster) => {
      cluster.order("etcd-2", "etcd-1");
      for (const member of ["etcd-1", "etcd-2"]) {
        cluster.instance(member)["instanceType"] = "S5.4XLARGE64";
      }
    },
  },
  {
    title: "one etcd member replaced and another one resized",
    rule: "change-in-order",
    change: (cluster) => {
      replace(cluster, "etcd-1");
      resize(cluster, "etcd-2");
    },
  },
  {
    title: "somebody's own command on two etcd members at once",
    rule: "change-in-order",
    living: (cluster) => ["etcd-1", "etcd-2"].forEach((member) => foreign(cluster, member, "true")),
    change: (cluster) =>
      ["etcd-1", "etcd-2"].forEach((member) =>
        foreign(cluster, member, "sudo systemctl restart kubelet"),
      ),
  },
  {
    title: "keys of all etcd members made anew at once",
    rule: "change-in-order",
    change: (cluster) => names.etcd.forEach((member) => cluster.touchGate(member, "new keys")),
  },
];

/** A step that is none of ours. */
function foreign(cluster: Cluster, member: string, command: string): void {
  cluster.step(member)["step"] = "site-script";
  (cluster.gate(member).inputs ??= {})["create"] = command;
}

const versions: Row[] = [
  {
    title: "two minors up",
    rule: "change-one-minor",
    change: (cluster) => {
      cluster.upgrade("v1.38.0");
      cluster.order("master-2", "master-1");
      cluster.order("master-3", "master-2");
    },
  },
  {
    title: "a minor down",
    rule: "change-one-minor",
    change: (cluster) => cluster.upgrade("v1.35.0"),
  },
  {
    title: "a minor up on all masters at once, by steps that take no turns",
    rule: "change-in-order",
    change: (cluster) => {
      cluster.upgrade("v1.37.0");
      names.masters.forEach((member) => foreign(cluster, member, "kubeadm upgrade node"));
    },
  },
  {
    title: "etcd two minors up",
    rule: "change-one-minor",
    change: (cluster) => (cluster.inputs("etcdCluster", "-etcd")["version"] = "v3.9.0"),
  },
];

/** Members that the cloud, time or their owner takes away. */
const staying: Row[] = [
  {
    title: "an etcd member on a spot instance",
    rule: "quorum-members-stay",
    change: (cluster) => (cluster.instance("etcd-2")["instanceChargeType"] = "SPOTPAID"),
  },
  {
    title: "a master prepaid, and renewed by nobody",
    rule: "quorum-members-stay",
    change: (cluster) =>
      Object.assign(cluster.instance("master-1"), {
        instanceChargeType: "PREPAID",
        instanceChargeTypePrepaidPeriod: 1,
        instanceChargeTypePrepaidRenewFlag: "NOTIFY_AND_MANUAL_RENEW",
      }),
  },
  {
    title: "a balancer stopped",
    rule: "quorum-members-stay",
    change: (cluster) => (cluster.instance("balancer-2")["runningFlag"] = false),
  },
  {
    title: "an etcd member whose data disk goes with it",
    rule: "data-etcd-own-disk",
    change: (cluster) => {
      cluster.remove(cluster.get("diskAttachment", "-etcd-1-data"));
      cluster.instance("etcd-1")["dataDisks"] = [
        { dataDiskType: "CLOUD_HSSD", dataDiskSize: 100, deleteWithInstance: true },
      ];
    },
  },
  {
    title: "the data disk of an etcd member prepaid, and renewed by nobody",
    rule: "data-etcd-own-disk",
    change: (cluster) =>
      Object.assign(cluster.inputs("disk", "-etcd-1-data"), {
        chargeType: "PREPAID",
        prepaidPeriod: 1,
        prepaidRenewFlag: "NOTIFY_AND_MANUAL_RENEW",
      }),
  },
];

const placement: Row[] = [
  {
    title: "a placement group dropped",
    rule: "placement-quorum-roles-in-strict-groups",
    change: (cluster) => regroup(cluster, "etcd-2"),
  },
  {
    title: "a placement group swapped",
    rule: "change-group-kept",
    change: (cluster) => {
      const group = cluster.get("placementGroup", "-master");
      regroup(cluster, "etcd-2", group.id, group);
    },
  },
  {
    title: "a placement group that is not of the stack",
    rule: "quorum-survives-one-host",
    change: (cluster) => regroup(cluster, "etcd-2", "ps-00000000"),
  },
  {
    title: "a role tag removed",
    rule: "placement-require-role",
    change: (cluster) => delete cluster.tags("etcd-1")["kubernetes-ha/role"],
  },
  {
    title: "a role tag that is another role's",
    rule: "change-departures",
    change: (cluster) => (cluster.tags("etcd-1")["kubernetes-ha/role"] = "worker"),
  },
  {
    title: "a member of another cluster all at once",
    rule: "change-departures",
    change: (cluster) => (cluster.tags("etcd-1")["kubernetes-ha/cluster"] = "other"),
  },
];

const data: Row[] = [
  {
    title: "disk type of an etcd member lowered",
    rule: "change-data-kept",
    change: (cluster) => (cluster.inputs("disk", "-etcd-1-data")["storageType"] = "CLOUD_SSD"),
  },
  {
    title: "disk type of an etcd member too slow for it",
    rule: "data-etcd-own-disk",
    change: (cluster) => (cluster.inputs("disk", "-etcd-1-data")["storageType"] = "CLOUD_PREMIUM"),
  },
  {
    title: "disk of an etcd member shrunk",
    rule: "change-data-kept",
    change: (cluster) => (cluster.inputs("disk", "-etcd-1-data")["storageSize"] = 50),
  },
  {
    title: "data disk of an etcd member moved to another zone",
    rule: "change-data-kept",
    change: (cluster) =>
      (cluster.inputs("disk", "-etcd-1-data")["availabilityZone"] = "ap-guangzhou-3"),
  },
  {
    title: "data disk of an etcd member encrypted, which takes another disk",
    rule: "change-data-kept",
    change: (cluster) => (cluster.inputs("disk", "-etcd-1-data")["encrypt"] = true),
  },
  {
    title: "data disk of an etcd member detached",
    rule: "change-data-kept",
    change: (cluster) => cluster.remove(cluster.get("diskAttachment", "-etcd-1-data")),
  },
  {
    title: "a public bucket",
    rule: "data-no-public-bucket",
    change: (cluster) =>
      cluster.add("tencentcloud:index/cosBucket:CosBucket", "-snapshots", {
        bucket: `${cluster.name}-snapshots-1250000000`,
        acl: "public-read",
      }),
  },
  {
    title: "encryption at rest switched off",
    rule: "data-encryption-at-rest",
    change: (cluster) =>
      names.masters.forEach((member) =>
        cluster.editFile(member, "kubeadm.yaml", (text) =>
          text.replace(/ *- name: encryption-provider-config\n +value: .*\n/, ""),
        ),
      ),
  },
  {
    title: "snapshots of etcd switched off",
    rule: "data-etcd-snapshots",
    change: (cluster) =>
      names.etcd.forEach((member) => {
        const { inputs } = cluster.get("command", `-${member}-upkeep`);
        const [, { params }] = inputs?.["triggers"] as [unknown, { params: object }];
        Object.assign(params, { SNAPSHOTS: "no" });
      }),
  },
];

const entryAndNetwork: Row[] = [
  {
    title: "the API opened to the world",
    rule: "network-no-open-ports",
    change: (cluster) => cluster.ingresses("master").push(open("0.0.0.0/0", "6443")),
  },
  {
    title: "etcd opened to the world over IPv6",
    rule: "network-no-open-ports",
    change: (cluster) =>
      cluster.ingresses("etcd").push({
        action: "ACCEPT",
        protocol: "TCP",
        port: "2379-2380",
        ipv6CidrBlock: "::/0",
        description: "opened",
      }),
  },
  {
    title: "etcd opened to the workers",
    rule: "network-etcd-and-kubelet",
    change: (cluster) => openTo(cluster, "etcd", "worker", { protocol: "TCP", port: "2379" }),
  },
  {
    title: "SSH opened to a range that is not declared",
    rule: "network-ssh-from-bastion",
    change: (cluster) => cluster.ingresses("bastion").push(open("192.0.2.0/24", "22")),
  },
  {
    title: "everything let in to the balancers from the workers, VRRP too",
    rule: "network-vrrp-between-peers",
    change: (cluster) => openTo(cluster, "balancer", "worker", { protocol: "ALL", port: "ALL" }),
  },
  {
    title: "a name of the API dropped from its certificate",
    rule: "entry-certificate-names",
    change: (cluster) =>
      names.masters.forEach((member) =>
        cluster.editFile(member, "kubeadm.yaml", (text) =>
          text.replace(new RegExp(` *- ${cluster.name}-master-2\n`), ""),
        ),
      ),
  },
  {
    title: "HAProxy without health checks",
    rule: "entry-health-check",
    change: (cluster) =>
      ["balancer-1", "balancer-2"].forEach((member) =>
        cluster.editFile(member, "haproxy.cfg", (text) => text.replaceAll(/\bcheck\b/g, "")),
      ),
  },
  {
    title: "another virtual IP",
    rule: "change-entry-kept",
    change: (cluster) => (cluster.inputs("haVip", "-api")["vip"] = "10.30.0.9"),
  },
  {
    title: "the balancers and their virtual IP removed, with nothing in their place",
    rule: "change-entry-kept",
    change: (cluster) => {
      cluster.remove(cluster.get("vipEntry", "-api"), cluster.get("haVip", "-api"));
      ["balancer-1", "balancer-2"].forEach((member) => cluster.removeHost(member));
    },
  },
  {
    title: "the audit log switched off",
    rule: "cluster-audit-on",
    change: (cluster) =>
      names.masters.forEach((member) =>
        cluster.editFile(member, "kubeadm.yaml", (text) =>
          text.replace(/ *- name: audit-log-path\n +value: .*\n/, ""),
        ),
      ),
  },
  {
    title: "a token in the text of a command",
    rule: "cluster-keys-secret",
    change: (cluster) =>
      ((cluster.gate("general-1").inputs ??= {})["create"] =
        "sudo kubeadm join --token abcdef.0123456789abcdef"),
  },
];

/** Lets the hosts of one role in to another's. */
function openTo(cluster: Cluster, to: string, from: string, what: Record<string, string>): void {
  const group = cluster.get("securityGroup", `-${from}`);
  const rules = cluster.get("securityGroupRuleSet", `-${to}`);
  (rules.propertyDependencies ??= {})["ingresses"]?.push(group.urn);
  cluster
    .ingresses(to)
    .push({ action: "ACCEPT", ...what, sourceSecurityId: group.id, description: "opened" });
}

/** Changes that are denied. */
export const bad: readonly Row[] = [
  ...members,
  ...versions,
  ...staying,
  ...placement,
  ...data,
  ...entryAndNetwork,
];
