import { HaCluster } from "../../../components/cluster";
import { poolFault } from "../../../components/poolSettings";
import type { ClusterConfigInput } from "../../../components/plan/config";
import { minimalConfig } from "../plan/fixture";
import { type CommandInputs, record, type Registered, settled } from "./support/recording";
import { fieldsOf, unknownPaths } from "./support/schema";

const instanceType = "S5.8XLARGE64";
const script = "#!/bin/sh\nmodprobe nbd\n";
const pools: ClusterConfigInput["workers"] = [
  { pool: "plain", members: 1, instanceType },
  {
    ...{ pool: "disk", members: 1, instanceType, addressBlock: 1 },
    dataDisk: { type: "CLOUD_SSD", sizeGiB: 200, encrypt: true },
    charge: { kind: "spot", maxPrice: "0.35" },
  },
  {
    ...{ pool: "paid", members: 1, instanceType, addressBlock: 2 },
    charge: { kind: "prepaid", months: 12 },
    imageId: "img-0therimg",
    firstBootScript: script,
  },
];

let made: Registered[];
beforeAll(async () => {
  made = await record();
  const config = { ...minimalConfig(), workers: pools, host: { encryptSystemDisks: true } };
  new HaCluster(config.name, { config });
  await settled(made);
});

function resourceOf(noun: string, name: string): Registered {
  const found = made.find((each) => each.type.endsWith(`:${noun}`) && each.name === name);
  if (found === undefined) throw new Error(`there is no ${noun} ${name}`);
  return found;
}
const instance = (name: string) => resourceOf("Instance", name);
const request = (step: string) => {
  const { stdin } = resourceOf("Command", step).inputs as unknown as CommandInputs;
  return JSON.parse(stdin) as {
    params: Record<string, unknown>;
    files: { path: string; content: string }[];
  };
};

test("a worker's data disk: made by itself, attached, not protected, and told to its step", () => {
  const disk = resourceOf("CbsStorage", "prod-disk-1-data");
  expect(disk.inputs).toMatchObject({
    storageName: "prod-disk-1-data",
    storageType: "CLOUD_SSD",
    storageSize: 200,
    availabilityZone: "ap-guangzhou-3",
    encrypt: true,
    tags: { "kubernetes-ha/role": "worker", "kubernetes-ha/pool": "disk" },
  });
  expect(disk.options.protect).toBe(false);
  const attachment = resourceOf("CbsStorageAttachment", "prod-disk-1-data");
  expect(attachment.options.deleteBeforeReplace).toBe(true);
  const { params, files } = request("prod-disk-1-worker");
  expect(params["DISK_ID"]).toBe(attachment.inputs["storageId"]);
  const unit = files.find(({ path }) => path.endsWith("/kubernetes-ha-data-disk.service"));
  expect(unit?.content).toContain(
    `data-disk.sh mount ${String(params["DISK_ID"])} /var/lib/containerd\n`,
  );
  // Those of etcd's members, and no other.
  expect(made.filter(({ type }) => type.endsWith(":CbsStorage"))).toHaveLength(3 + 1);
  expect(request("prod-plain-1-worker").params["DISK_ID"]).toBeUndefined();
});

test("what the other hosts of a pool have too stands in its preparation, size and directory of the disk among it", () => {
  const { inputs } = resourceOf("PoolPreparation", "prod-disk-preparation");
  expect(inputs["params"]).toMatchObject({ DISK_DIR: "/var/lib/containerd", DISK_GIB: 200 });
});

const charging = [
  "instanceChargeType",
  "spotInstanceType",
  "spotMaxPrice",
  "instanceChargeTypePrepaidPeriod",
  "instanceChargeTypePrepaidRenewFlag",
  "forceDelete",
];

test.each([
  ["prod-master-1", {}],
  ["prod-plain-1", {}],
  [
    "prod-disk-1",
    { instanceChargeType: "SPOTPAID", spotInstanceType: "ONE-TIME", spotMaxPrice: "0.35" },
  ],
  [
    "prod-paid-1",
    {
      instanceChargeType: "PREPAID",
      instanceChargeTypePrepaidPeriod: 12,
      instanceChargeTypePrepaidRenewFlag: "NOTIFY_AND_AUTO_RENEW",
      forceDelete: true,
    },
  ],
])("%s is charged by %j", (name, expected) => {
  const { inputs } = instance(name);
  const said = Object.fromEntries(
    Object.entries(inputs).filter(([input]) => charging.includes(input)),
  );
  expect(said).toEqual(expected);
});

test("months that were paid are not ordered once more", () => {
  const ignored = (name: string) => instance(name).options.ignoreChanges;
  expect(ignored("prod-paid-1")).toContain("instanceChargeTypePrepaidPeriod");
  expect(ignored("prod-plain-1")).not.toContain("instanceChargeTypePrepaidPeriod");
});

test("a pool's image is its own, and its script is in its user data alone", () => {
  expect(instance("prod-paid-1").inputs["imageId"]).toBe("img-0therimg");
  expect(instance("prod-plain-1").inputs["imageId"]).toBe("img-7ag0z2jt");
  const encoded = Buffer.from(script).toString("base64");
  for (const name of ["prod-paid-1", "prod-plain-1", "prod-master-1"])
    expect(String(instance(name).inputs["userDataRaw"]).includes(encoded)).toBe(
      name === "prod-paid-1",
    );
});

test("system disks of all hosts are encrypted", () => {
  const instances = made.filter(({ type }) => type.endsWith(":Instance"));
  expect(instances.length).toBeGreaterThan(8);
  for (const { inputs } of instances) expect(inputs["systemDiskEncrypt"]).toBe(true);
});

test("the newest provider knows all of it", () => {
  for (const { type, inputs } of made.filter(({ type }) => /:(Instance|CbsStorage)$/.test(type)))
    expect(unknownPaths(fieldsOf(type), inputs)).toEqual([]);
});

describe("what stands for the settings of a pool", () => {
  const settingsOf = (pool: string) => {
    const { inputs, options } = resourceOf("Command", `prod-pools-${pool}`);
    const { SETTINGS } = inputs["environment"] as { SETTINGS: string };
    return { values: JSON.parse(SETTINGS) as Record<string, string>, options };
  };

  test("has their values, and is not protected: it goes with the pool", () => {
    const { values, options } = settingsOf("disk");
    expect(values).toEqual({
      "workers[].dataDisk.type": '"CLOUD_SSD"',
      "workers[].dataDisk.encrypt": "true",
      "workers[].dataDisk.mountPath": '"/var/lib/containerd"',
      "workers[].charge.kind": '"spot"',
      "workers[].charge.maxPrice": '"0.35"',
      "workers[].architecture": '"amd64"',
    });
    expect(options.protect).toBe(false);
    expect(settingsOf("plain").values["workers[].dataDisk.type"]).toBe("");
  });

  test("another value is refused with the setting, what it is and what it was", () => {
    const { values } = settingsOf("disk");
    const fault = (changes: object) => poolFault("disk", values, { ...values, ...changes });
    expect(fault({})).toBeUndefined();
    expect(fault({ "workers[].dataDisk.type": '"CLOUD_HSSD"' })).toBe(
      'workers[disk].dataDisk.type: got "CLOUD_HSSD", but workers of the pool that lives have "CLOUD_SSD". Put it back, or make another pool and take this one out: docs/runbooks/scale.md',
    );
    expect(fault({ "workers[].dataDisk.encrypt": "" })).toMatch(
      /^workers\[disk\]\.dataDisk\.encrypt: got nothing, but/,
    );
  });

  test("a setting that the pool was made without, by an earlier release, is no change", () => {
    expect(poolFault("disk", {}, settingsOf("disk").values)).toBeUndefined();
  });
});
