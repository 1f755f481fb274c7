import * as pulumi from "@pulumi/pulumi";
import * as tencentcloud from "@pulumi/tencentcloud";

// Nothing here is of this project but the tags: by them the policies know what a host is for.
const config = new pulumi.Config();
const availabilityZone = "ap-guangzhou-6";
const tags = (role: string) => ({ "kubernetes-ha/cluster": "legacy", "kubernetes-ha/role": role });

const vpc = new tencentcloud.Vpc("legacy", { name: "legacy", cidrBlock: "10.8.0.0/16" });
const subnet = new tencentcloud.Subnet("legacy", {
  name: "legacy",
  vpcId: vpc.id,
  cidrBlock: "10.8.0.0/20",
  availabilityZone,
});

const accept = (port: string, cidrBlock: string) => ({
  action: "ACCEPT",
  protocol: "TCP",
  port,
  cidrBlock,
});
const masters = new tencentcloud.SecurityGroup("masters", { name: "masters" });
new tencentcloud.SecurityGroupRuleSet("masters", {
  securityGroupId: masters.id,
  ingresses: [accept("6443", config.require("apiFrom"))],
});
const etcd = new tencentcloud.SecurityGroup("etcd", { name: "etcd", tags: tags("etcd") });
new tencentcloud.SecurityGroupRuleSet("etcd", { securityGroupId: etcd.id, ingresses: [] });

const groups = new Map(
  (config.requireBoolean("spread") ? ["etcd", "master"] : ["etcd"]).map((role) => [
    role,
    new tencentcloud.PlacementGroup(role, { name: role, type: "HOST" }),
  ]),
);

function host(role: string, key: number, group: tencentcloud.SecurityGroup): tencentcloud.Instance {
  const name = `legacy-${role}-${key}`;
  return new tencentcloud.Instance(name, {
    instanceName: name,
    availabilityZone,
    imageId: "img-7ag0z2jt",
    instanceType: "S5.LARGE8",
    vpcId: vpc.id,
    subnetId: subnet.id,
    orderlySecurityGroups: [group.id],
    placementGroupId: groups.get(role)?.id,
    tags: tags(role),
  });
}

for (let key = 1; key <= config.requireNumber("etcdMembers"); key++) {
  const name = `legacy-etcd-${key}`;
  const member = host("etcd", key, etcd);
  const disk = new tencentcloud.CbsStorage(name, {
    storageName: name,
    storageType: config.require("etcdDisk"),
    storageSize: 100,
    availabilityZone,
    tags: tags("etcd"),
  });
  new tencentcloud.CbsStorageAttachment(name, { storageId: disk.id, instanceId: member.id });
}

// Its own way in: a CLB, which the pack knows as well.
const entry = new tencentcloud.ClbInstance("api", {
  clbName: "legacy-api",
  networkType: "INTERNAL",
  vpcId: vpc.id,
  subnetId: subnet.id,
});
const listener = new tencentcloud.ClbListener("api", {
  clbId: entry.id,
  listenerName: "api",
  protocol: "TCP",
  port: 6443,
  healthCheckSwitch: true,
  healthCheckIntervalTime: 2,
  healthCheckUnhealthNum: 2,
  healthCheckTimeOut: 2,
});
new tencentcloud.ClbAttachment("api", {
  clbId: entry.id,
  listenerId: listener.listenerId,
  targets: [1, 2, 3].map((key) => ({
    instanceId: host("master", key, masters).id,
    port: 6443,
    weight: 10,
  })),
});
