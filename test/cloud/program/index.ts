import * as pulumi from "@pulumi/pulumi";
import * as tencentcloud from "@pulumi/tencentcloud";

const config = new pulumi.Config();
/** Members of the strict group: more than there are hosts must fail. */
const members = config.requireNumber("members");
/** Changes, in place, all that can be changed so. */
const revised = config.getBoolean("revised") ?? false;
const availabilityZone = "ap-guangzhou-3";
const region = "ap-guangzhou";
const tags = { "kubernetes-ha/cluster": "conformance", revised: String(revised) };
const named = (name: string): string => (revised ? `${name}-revised` : name);

const image = tencentcloud.getImagesOutput({ imageTypes: ["PUBLIC_IMAGE"], osName: "debian" });
const types = tencentcloud.getInstanceTypesOutput({
  availabilityZone,
  cpuCoreCount: 2,
  memorySize: 4,
});
const zones = tencentcloud.getAvailabilityZonesByProductOutput({ product: "cvm" });
const account = tencentcloud.getUserInfoOutput({});

const vpc = new tencentcloud.Vpc("vpc", { name: named("vpc"), cidrBlock: "10.1.0.0/16", tags });
const routeTable = new tencentcloud.RouteTable("table", {
  vpcId: vpc.id,
  name: named("own"),
  tags,
});
const subnet = new tencentcloud.Subnet("subnet", {
  vpcId: vpc.id,
  name: named("subnet"),
  cidrBlock: "10.1.1.0/24",
  availabilityZone,
  routeTableId: routeTable.id,
  tags,
});
const bastionGroup = new tencentcloud.SecurityGroup("bastion", { name: named("bastion"), tags });
const memberGroup = new tencentcloud.SecurityGroup("member", { name: named("member"), tags });
new tencentcloud.SecurityGroupRuleSet("member-rules", {
  securityGroupId: memberGroup.id,
  ingresses: [
    { action: "ACCEPT", protocol: "TCP", port: "22", sourceSecurityId: bastionGroup.id },
    { action: "ACCEPT", protocol: "TCP", port: "2379-2380", sourceSecurityId: memberGroup.id },
    { action: "ACCEPT", protocol: "ALL", port: "ALL", sourceSecurityId: memberGroup.id },
    { action: "ACCEPT", protocol: "UDP", port: "8472,8473", cidrBlock: "10.1.0.0/16" },
    { action: "ACCEPT", protocol: "ICMP", port: "ALL", cidrBlock: "10.1.0.0/16" },
    ...(revised
      ? [{ action: "ACCEPT", protocol: "TCP", port: "6443", cidrBlock: "10.1.0.0/16" }]
      : []),
  ],
  egresses: [{ action: "ACCEPT", protocol: "ALL", port: "ALL", cidrBlock: "0.0.0.0/0" }],
});
const placementGroup = new tencentcloud.PlacementGroup("group", {
  name: named("group"),
  type: "HOST",
});
const key = new tencentcloud.KeyPair("key", {
  keyName: "conformance",
  publicKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl",
  tags,
});

const instances = Array.from({ length: members }, (_, index) => {
  const name = `member-${index + 1}`;
  const instance = new tencentcloud.Instance(name, {
    instanceName: name,
    hostname: name,
    availabilityZone,
    imageId: image.apply(({ images }) => images[0]?.imageId ?? ""),
    instanceType: types.apply(({ instanceTypes }) => instanceTypes[0]?.instanceType ?? ""),
    placementGroupId: placementGroup.id,
    vpcId: vpc.id,
    subnetId: subnet.id,
    privateIp: `10.1.1.${index + 11}`,
    orderlySecurityGroups: [memberGroup.id, bastionGroup.id],
    keyIds: [key.id],
    systemDiskType: "CLOUD_PREMIUM",
    systemDiskSize: 50,
    userDataRaw: "#cloud-config\nhostname: member\n",
    tags,
  });
  const disk = new tencentcloud.CbsStorage(name, {
    storageName: named(name),
    storageType: "CLOUD_HSSD",
    storageSize: 50,
    availabilityZone,
    chargeType: "POSTPAID_BY_HOUR",
    forceDelete: true,
    tags,
  });
  new tencentcloud.CbsStorageAttachment(name, { storageId: disk.id, instanceId: instance.id });
  return instance;
});
const own = new tencentcloud.Instance("own-disks", {
  instanceName: named("own-disks"),
  availabilityZone,
  imageId: "img-7ag0z2jt",
  instanceType: "S5.SMALL2",
  vpcId: vpc.id,
  subnetId: subnet.id,
  orderlySecurityGroups: [memberGroup.id],
  systemDiskType: "CLOUD_PREMIUM",
  systemDiskSize: 50,
  dataDisks: [
    { dataDiskType: "CLOUD_SSD", dataDiskSize: 20 },
    { dataDiskType: "CLOUD_HSSD", dataDiskSize: 40 },
  ],
  tags,
});

const haVip = new tencentcloud.HaVip("vip", {
  name: named("vip"),
  vpcId: vpc.id,
  subnetId: subnet.id,
  vip: "10.1.1.100",
});
// Not in the SDK of every version that the tests run with.
const { HaVipInstanceAttachment } = tencentcloud as unknown as {
  HaVipInstanceAttachment?: new (name: string, args: object) => pulumi.CustomResource;
};
if (HaVipInstanceAttachment !== undefined) {
  const association = { haVipId: haVip.id, instanceId: own.id, instanceType: "CVM" };
  new HaVipInstanceAttachment("vip", association);
}
const bastionEip = new tencentcloud.Eip("bastion", {
  name: named("bastion"),
  internetMaxBandwidthOut: 10,
  tags,
});
new tencentcloud.EipAssociation("bastion", { eipId: bastionEip.id, instanceId: own.id });
const apiEip = new tencentcloud.Eip("api", { name: "api", tags });
new tencentcloud.HaVipEipAttachment("api", { havipId: haVip.id, addressIp: apiEip.publicIp });
new tencentcloud.RouteTableEntry("pods", {
  routeTableId: routeTable.id,
  destinationCidrBlock: "10.200.1.0/24",
  nextType: "NORMAL_CVM",
  nextHub: own.privateIp,
  description: "pods",
  disabled: revised,
});

const targetGroup = new tencentcloud.ClbTargetGroup("api", {
  targetGroupName: named("api"),
  vpcId: vpc.id,
  port: 6443,
});
const loadBalancer = new tencentcloud.ClbInstance(
  "api",
  {
    clbName: "api",
    networkType: "INTERNAL",
    vpcId: vpc.id,
    subnetId: subnet.id,
    securityGroups: [memberGroup.id],
    loadBalancerPassToTarget: true,
    tags,
  },
  { dependsOn: targetGroup },
);
const readinessCheck = {
  healthCheckSwitch: true,
  healthCheckType: "HTTP",
  healthCheckPort: 6444,
  healthCheckHttpVersion: "HTTP/1.1",
  healthCheckHttpPath: "/readyz",
  healthCheckHttpMethod: "GET",
  healthCheckHttpCode: 2,
  healthCheckTimeOut: 2,
};
const listener = new tencentcloud.ClbListener("api", {
  clbId: loadBalancer.id,
  listenerName: "api",
  port: 6443,
  protocol: "TCP",
  scheduler: "LEAST_CONN",
  ...readinessCheck,
  healthCheckIntervalTime: revised ? 5 : 3,
});
new tencentcloud.ClbAttachment("api", {
  clbId: loadBalancer.id,
  listenerId: listener.listenerId,
  targets: instances.map((instance) => ({
    instanceId: instance.id,
    port: 6443,
    weight: revised ? 20 : 10,
  })),
});
// A listener has targets or target groups, not both.
const groupListener = new tencentcloud.ClbListener(
  "group",
  {
    clbId: loadBalancer.id,
    listenerName: named("group"),
    port: 6445,
    protocol: "TCP",
    targetType: "TARGETGROUP",
    scheduler: "LEAST_CONN",
    ...readinessCheck,
    healthCheckIntervalTime: 3,
  },
  { deletedWith: loadBalancer },
);
const groupAttachment = new tencentcloud.ClbTargetGroupAttachment(
  "api",
  {
    clbId: loadBalancer.id,
    listenerId: groupListener.listenerId,
    targetGroupId: targetGroup.id,
  },
  { deletedWith: loadBalancer },
);
for (const [index, instance] of instances.slice(0, 1).entries())
  new tencentcloud.ClbTargetGroupInstanceAttachment(
    `api-${index}`,
    {
      targetGroupId: targetGroup.id,
      bindIp: instance.privateIp,
      port: 6443,
      weight: revised ? 20 : 10,
    },
    { dependsOn: groupAttachment },
  );

const natEip = new tencentcloud.Eip("nat", { name: "nat", tags });
new tencentcloud.NatGateway("nat", {
  name: named("nat"),
  vpcId: vpc.id,
  assignedEipSets: [natEip.publicIp],
  bandwidth: 100,
  maxConcurrent: 1000000,
  tags,
});

const zone = new tencentcloud.PrivateDnsZone("internal", {
  domain: "conformance.internal",
  remark: named("names of the cluster"),
  vpcSets: [{ uniqVpcId: vpc.id, region }],
  tags,
});
new tencentcloud.PrivateDnsRecord("api", {
  zoneId: zone.id,
  subDomain: "api",
  recordType: "A",
  recordValue: haVip.vip,
  ttl: revised ? 30 : 60,
});

const role = new tencentcloud.CamRole("node", {
  name: "node",
  description: named("of nodes"),
  document: JSON.stringify({
    version: "2.0",
    statement: [
      {
        action: ["name/sts:AssumeRole"],
        effect: "allow",
        principal: { service: ["cvm.qcloud.com"] },
      },
    ],
  }),
  tags,
});
const policy = new tencentcloud.CamPolicy("snapshots", {
  name: "snapshots",
  description: named("snapshots of etcd"),
  document: JSON.stringify({
    version: "2.0",
    statement: [
      {
        action: ["name/cos:PutObject", ...(revised ? ["name/cos:GetObject"] : [])],
        effect: "allow",
        resource: ["*"],
      },
    ],
  }),
});
new tencentcloud.CamRolePolicyAttachment("snapshots", { roleId: role.id, policyId: policy.id });

const bucket = new tencentcloud.CosBucket("snapshots", {
  bucket: account.apply(({ appId }) => `snapshots-${appId}`),
  acl: "private",
  encryptionAlgorithm: "AES256",
  lifecycleRules: [{ filterPrefix: "etcd/", expiration: { days: revised ? 14 : 7 } }],
  tags,
});
new tencentcloud.CosBucketObject("readme", {
  bucket: bucket.bucket,
  key: "etcd/README",
  content: named("snapshots of etcd"),
  contentType: "text/plain",
});

export const zoneNames = zones.apply((found) => found.zones.map((zone) => zone.name));
export const addresses = instances.map((instance) => instance.privateIp);
