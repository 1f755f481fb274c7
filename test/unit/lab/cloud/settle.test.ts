import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { desiredWorld, effectivePower } from "../../../../lab/cloud/desiredWorld";
import type { InstanceRecord } from "../../../../lab/cloud/records";
import { settleInstances } from "../../../../lab/cloud/settle";
import { Store } from "../../../../lab/cloud/store";
import type { HostStatus } from "../../../../lab/hosts/types";

const instance: InstanceRecord = {
  id: "ins-00000001",
  seq: 1,
  createdAt: "2026-01-01T00:00:00Z",
  name: "one",
  hostName: "one",
  uuid: "00000000-0000-4000-8000-000000000000",
  zone: "z",
  projectId: 0,
  instanceType: "S5.SMALL1",
  cpus: 1,
  memoryGiB: 1,
  imageId: "img-7ag0z2jt",
  chargeType: "POSTPAID_BY_HOUR",
  renewFlag: "",
  internetChargeType: "",
  internetMbps: 0,
  vpcId: "vpc-00000001",
  subnetId: "subnet-00000001",
  privateIp: "10.0.0.2",
  securityGroupIds: [],
  keyIds: [],
  keepImageLogin: false,
  systemDiskId: "disk-00000001",
  userData: "",
  groupIds: [],
  camRoleName: "",
  disableApiTermination: false,
  physicalHost: "host-1",
  state: "RUNNING",
  power: "running",
  latestOperation: "RunInstances",
  latestOperationState: "OPERATING",
  latestOperationRequestId: "",
  latestOperationErrorMsg: "",
  stopChargingMode: "",
};

let dir: string;
let store: Store;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), "kha-settle-"));
  store = new Store(dir);
});
afterEach(async () => {
  await store.close();
  rmSync(dir, { recursive: true, force: true });
});

type Fields = Partial<InstanceRecord>;

/** State an instance has after the world reported it so. */
function after(fields: Fields, state: HostStatus["state"]): string {
  return store.transaction(() => {
    store.tables.instances.put({ ...instance, ...fields });
    settleInstances(store, [{ instanceId: instance.id, state, error: "why" }]);
    const found = store.tables.instances.get(instance.id);
    return found ? `${found.state} ${found.latestOperationState}` : "gone";
  }).result;
}

test.each<[Fields, HostStatus["state"], string]>([
  [{ state: "PENDING" }, "absent", "PENDING OPERATING"],
  [{ state: "PENDING" }, "starting", "PENDING OPERATING"],
  [{ state: "PENDING" }, "running", "RUNNING SUCCESS"],
  [{ state: "PENDING" }, "failed", "LAUNCH_FAILED FAILED"],
  // Its physical host is dead or it was killed: that it does not run says nothing about its start.
  [{ state: "PENDING", overlay: "failed" }, "failed", "PENDING OPERATING"],
  [{ state: "STARTING" }, "stopped", "STARTING OPERATING"],
  [{ state: "STARTING" }, "running", "RUNNING SUCCESS"],
  [{ state: "STARTING" }, "failed", "STOPPED FAILED"],
  [{ state: "STOPPING", power: "stopped" }, "running", "STOPPING OPERATING"],
  [{ state: "STOPPING", power: "stopped" }, "stopped", "STOPPED SUCCESS"],
  [{ state: "REBOOTING", cycle: "off" }, "running", "REBOOTING OPERATING"],
  [{ state: "REBOOTING" }, "running", "RUNNING SUCCESS"],
  [{ state: "REBOOTING", cycle: "absent" }, "stopped", "REBOOTING OPERATING"],
  [{ state: "TERMINATING" }, "running", "TERMINATING OPERATING"],
  [{ state: "TERMINATING" }, "absent", "gone"],
  [{ state: "RUNNING" }, "failed", "RUNNING OPERATING"],
])("%j reported %s is %s", (fields, reported, expected) => {
  expect(after(fields, reported)).toBe(expected);
});

test("a reboot is off, then on", () => {
  after({ state: "REBOOTING", cycle: "off" }, "stopped");
  expect(store.tables.instances.get(instance.id)).not.toHaveProperty("cycle");
  expect(store.tables.instances.get(instance.id)?.state).toBe("REBOOTING");
});

test.each<[string, Fields, string[], string]>([
  ["as ordered", {}, [], "running"],
  ["a dead host wins", { power: "stopped" }, ["host-1"], "failed"],
  ["a reboot's off half", { state: "REBOOTING", cycle: "off" }, [], "stopped"],
  ["stopped by its owner", { power: "stopped", overlay: "frozen" }, [], "stopped"],
  ["frozen", { overlay: "frozen" }, [], "frozen"],
])("power: %s", (_, fields, dead, power) => {
  expect(effectivePower({ ...instance, ...fields }, new Set(dead))).toBe(power);
});

test.each<[Fields, number]>([
  [{ state: "PENDING" }, 1],
  [{ state: "STOPPED" }, 1],
  [{ state: "TERMINATING" }, 0],
  [{ state: "LAUNCH_FAILED" }, 0],
  [{ state: "REBOOTING", cycle: "absent" }, 0],
])("%j has %d bodies", (fields, bodies) => {
  store.transaction(() => store.tables.instances.put({ ...instance, ...fields }));
  expect(desiredWorld(store).hosts).toHaveLength(bodies);
});
