import { readFileSync } from "node:fs";
import { join } from "node:path";
import { HaCluster } from "../../../components/cluster";
import type { ClusterConfigInput } from "../../../components/plan/config";
import { exampleConfig } from "../../../lab/examples";
import { type CommandInputs, record, type Registered, settled } from "./support/recording";

const base = readFileSync(join(__dirname, "../../../Pulumi.lab.yaml"), "utf8");
const example = () =>
  exampleConfig(base, { entry: "clb" }, 3).config[
    "tencentcloud-kubernetes-ha:cluster"
  ] as ClusterConfigInput;

async function registeredBy(config: ClusterConfigInput): Promise<Registered[]> {
  const registered = await record();
  new HaCluster(config.name, { config });
  await settled(registered);
  return registered;
}

let lab: Registered[];
beforeAll(async () => {
  lab = await registeredBy(example());
});
const ofType = (noun: string, registered = lab) =>
  registered.filter(({ type }) => type.endsWith(`:${noun}`));
const only = (noun: string) => {
  const found = ofType(noun);
  expect(found).toHaveLength(1);
  return found[0] as Registered;
};

test("makes one of each, and a target and a step for every master", () => {
  const counts = Object.fromEntries(
    [
      ...["ClbInstance", "ClbListener", "ClbTargetGroup", "ClbTargetGroupAttachment"],
      ...["ClbTargetGroupInstanceAttachment", "PrivateDnsZone", "PrivateDnsRecord"],
      ...["HaVip", "Subnet", "PlacementGroup", "SecurityGroup", "Instance"],
    ].map((noun) => [noun, ofType(noun).length]),
  );
  expect(counts).toEqual({
    ...{ ClbInstance: 1, ClbListener: 1, ClbTargetGroup: 1, ClbTargetGroupAttachment: 1 },
    ...{ ClbTargetGroupInstanceAttachment: 3, PrivateDnsZone: 1, PrivateDnsRecord: 1 },
    // Bastion, etcd, masters, workers: no balancers, but their group.
    ...{ HaVip: 0, Subnet: 3, PlacementGroup: 2, SecurityGroup: 6, Instance: 9 },
  });
  const steps = ofType("Command").filter(({ name }) => name.endsWith("-local-endpoint"));
  expect(steps.map(({ name }) => name)).toEqual(
    [1, 2, 3].map((key) => `lab-master-${key}-local-endpoint`),
  );
});

test("the load balancer is internal, has the planned address, and may go when another entry has come", () => {
  const { inputs, options } = only("ClbInstance");
  expect(inputs).toMatchObject({
    ...{ networkType: "INTERNAL", clbName: "lab-api", vip: "10.20.1.11" },
    ...{ vpcId: "Vpc-lab", subnetId: "Subnet-lab-ap-guangzhou-3" },
    tags: { "kubernetes-ha/cluster": "lab" },
  });
  expect(options).toMatchObject({ protect: false, deleteBeforeReplace: true });
});

test("it asks every master over HTTP, as often as it can", () => {
  expect(only("ClbListener").inputs).toMatchObject({
    ...{ protocol: "TCP", port: 6443, targetType: "TARGETGROUP", scheduler: "LEAST_CONN" },
    ...{ healthCheckSwitch: true, healthCheckType: "HTTP", healthCheckPort: 6445 },
    ...{ healthCheckHttpPath: "/readyz", healthCheckHttpCode: 2 },
    ...{ healthCheckIntervalTime: 3, healthCheckTimeOut: 2, healthCheckUnhealthNum: 2 },
  });
});

test("the API's name is a zone of its own, bound to the VPC", () => {
  expect(only("PrivateDnsZone").inputs).toMatchObject({
    domain: "api.lab.internal",
    vpcSets: [{ uniqVpcId: "Vpc-lab", region: "ap-guangzhou" }],
  });
  expect(only("PrivateDnsRecord").inputs).toMatchObject({
    ...{ subDomain: "@", recordType: "A", recordValue: "10.20.1.11" },
  });
});

test("one more master is one target more, and leaves the others' alone", async () => {
  const config = example();
  const members = [...(config.masters.members as object[]), { key: "4", zone: "ap-guangzhou-3" }];
  const more = await registeredBy({
    ...config,
    masters: { ...config.masters, members } as ClusterConfigInput["masters"],
  });
  const targets = (registered: Registered[]) =>
    ofType("ClbTargetGroupInstanceAttachment", registered);
  const isNew = ({ name }: Registered) => name === "lab-master-4";
  expect(targets(more).filter((each) => !isNew(each))).toEqual(targets(lab));
  expect(targets(more).filter(isNew)).toMatchObject([
    { inputs: { bindIp: "10.20.1.67", port: 6443 } },
  ]);
});

test("a master's own way is placed before it starts, and holds nothing secret but the CA", () => {
  const [way] = ofType("Command").filter(({ name }) => name === "lab-master-2-local-endpoint");
  const { stdin } = way?.inputs as unknown as CommandInputs;
  const { params, files } = JSON.parse(stdin) as {
    params: Record<string, unknown>;
    files: { path: string }[];
  };
  expect(params).toEqual({
    VIP: "10.20.1.11",
    API_PORT: 6443,
    READINESS_URL: "http://10.20.2.65:6445/readyz",
    API_URL: "https://api.lab.internal:6443",
    HOSTS_BLOCK: [
      "# begin tencentcloud-kubernetes-ha",
      "10.20.1.11 api.lab.internal",
      "10.20.2.65 lab-master-2",
      "# end tencentcloud-kubernetes-ha",
    ].join("\n"),
  });
  expect(files.map(({ path }) => path)).toEqual([
    "/etc/haproxy/haproxy.cfg",
    "/etc/systemd/system/haproxy.service.d/10-kubernetes-ha.conf",
    "/etc/kubernetes-ha/api-redirect.nft",
    "/etc/systemd/system/kubernetes-ha-api-redirect.service",
    "/etc/haproxy/kubernetes-ca.crt",
  ]);
});
