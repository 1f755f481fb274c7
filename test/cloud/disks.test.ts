import {
  makeInstance,
  makeNetwork,
  outcome,
  startTestCloud,
  until,
  zone,
  type TestCloud,
} from "./support/cloud";

let cloud: TestCloud;
beforeEach(async () => {
  cloud = await startTestCloud();
});
afterEach(() => cloud.close());

async function makeDisk(fields: object = {}): Promise<string> {
  const { DiskIdSet } = await cloud.cbs.CreateDisks({
    Placement: { Zone: zone },
    DiskChargeType: "POSTPAID_BY_HOUR",
    DiskType: "CLOUD_HSSD",
    DiskSize: 50,
    DiskName: "data",
    ...fields,
  });
  return DiskIdSet?.[0] as string;
}
const describeDisk = async (id: string) =>
  (await cloud.cbs.DescribeDisks({ DiskIds: [id] })).DiskSet?.[0];
const settle = (id: string, state: string) =>
  until(
    () => describeDisk(id),
    (disk) => disk?.DiskState === state,
  );

test("a disk outlives its instance: made, attached, kept, attached elsewhere, detached, gone", async () => {
  const network = await makeNetwork(cloud);
  const disk = await makeDisk();
  expect((await describeDisk(disk))?.DiskState).toBe("CREATING");
  expect((await describeDisk(disk))?.DiskState).toBe("UNATTACHED");
  const first = await makeInstance(cloud, network);
  await cloud.cbs.AttachDisks({ InstanceId: first, DiskIds: [disk] });
  expect(await settle(disk, "ATTACHED")).toMatchObject({ Attached: true, InstanceId: first });
  expect(cloud.world.desired.hosts[0]?.dataDisks).toEqual([{ diskId: disk, sizeGiB: 50 }]);
  expect(await outcome(cloud.cbs.TerminateDisks({ DiskIds: [disk] }))).toBe(
    "ResourceUnavailable.NotSupported",
  );
  await cloud.cvm.TerminateInstances({ InstanceIds: [first] });
  expect(await describeDisk(disk)).toMatchObject({ DiskState: "UNATTACHED", Attached: false });
  await until(
    () => Promise.resolve(cloud.world.desired),
    (desired) => desired.hosts.length === 0 && desired.disks.length === 1,
  );
  const second = await makeInstance(cloud, network);
  await cloud.cbs.AttachDisks({ InstanceId: second, DiskIds: [disk] });
  await settle(disk, "ATTACHED");
  await cloud.cbs.ResizeDisk({ DiskId: disk, DiskSize: 60 });
  expect(await outcome(cloud.cbs.ResizeDisk({ DiskId: disk, DiskSize: 50 }))).toBe(
    "InvalidParameterValue",
  );
  await cloud.cbs.DetachDisks({ DiskIds: [disk] });
  expect(await settle(disk, "UNATTACHED")).toMatchObject({ DiskSize: 60, InstanceId: "" });
  await cloud.cbs.TerminateDisks({ DiskIds: [disk] });
  expect(await describeDisk(disk)).toBeUndefined();
  await until(
    () => Promise.resolve(cloud.world.desired.disks),
    (disks) => disks.length === 0,
  );
});

test("disks given in the order of an instance go with it unless told otherwise", async () => {
  const network = await makeNetwork(cloud);
  const id = await makeInstance(cloud, network, {
    DataDisks: [
      { DiskType: "CLOUD_SSD", DiskSize: 20 },
      { DiskType: "CLOUD_SSD", DiskSize: 30, DeleteWithInstance: false },
    ],
  });
  const sizes = cloud.world.desired.hosts[0]?.dataDisks.map((each) => each.sizeGiB);
  expect(sizes).toEqual([20, 30]);
  await cloud.cvm.TerminateInstances({ InstanceIds: [id] });
  const { DiskSet } = await cloud.cbs.DescribeDisks({});
  expect(DiskSet).toMatchObject([{ DiskSize: 30, DiskState: "UNATTACHED" }]);
});

test.each<[string, object, string]>([
  ["a type that is none", { DiskType: "CLOUD_GOLD" }, "InvalidParameterValue"],
  ["a size between steps", { DiskSize: 55 }, "InvalidParameterValue"],
  ["no size", { DiskSize: undefined }, "MissingParameter"],
  ["a zone that is none", { Placement: { Zone: "moon" } }, "InvalidParameterValue"],
  ["a snapshot", { SnapshotId: "snap-00000000" }, "UnsupportedOperation"],
])("%s is refused", async (_, fields, code) => {
  expect(await outcome(makeDisk(fields))).toBe(code);
});

test("a disk attaches only where it can", async () => {
  const network = await makeNetwork(cloud);
  const far = await makeDisk({ Placement: { Zone: "ap-guangzhou-4" } });
  const near = await makeDisk();
  await settle(far, "UNATTACHED");
  const instance = await makeInstance(cloud, network);
  const attach = (DiskIds: string[], InstanceId = instance) =>
    outcome(cloud.cbs.AttachDisks({ InstanceId, DiskIds }));
  expect(await attach([far])).toBe("ResourceUnavailable.ZoneNotMatch");
  expect(await attach(["disk-00000000"])).toBe("InvalidDiskId.NotFound");
  expect(await attach([far], "ins-00000000")).toBe("InvalidInstanceId.NotFound");
  expect(await attach([near])).toBe("ResourceBusy");
  await settle(near, "UNATTACHED");
  expect(await attach([near])).toBe("ok");
  expect(await attach([near])).toBe("ResourceUnavailable.Attached");
});
