import type { HostStatus } from "../hosts/types";
import { effectivePower } from "./desiredWorld";
import { without, type InstanceRecord } from "./records";
import { dropTargets } from "./services/clb/targets";
import type { Store } from "./store";
import { dropTags } from "./tags";

/** Work the world has yet to finish, taken when a desired state is handed over. */
export interface Covered {
  disks: string[];
  addresses: string[];
}

/** What a hand-over of the present state covers: once the world has carried it out, these are done. */
export function coveredNow(store: Store): Covered {
  return {
    disks: store.tables.disks
      .list()
      .filter((each) => each.state === "ATTACHING" || each.state === "DETACHING")
      .map((each) => each.id),
    addresses: store.tables.addresses
      .list()
      .filter((each) => each.status === "BINDING" || each.status === "UNBINDING")
      .map((each) => each.id),
  };
}

/** Ends the attachments and bindings that the world has carried out. */
export function settleCovered(store: Store, covered: Covered): void {
  for (const id of covered.disks) {
    const disk = store.tables.disks.get(id);
    if (disk?.state === "ATTACHING") {
      store.tables.disks.put({ ...disk, state: "ATTACHED" });
    } else if (disk?.state === "DETACHING") {
      const { instanceId, ...rest } = disk;
      store.tables.disks.put({ ...rest, lastInstanceId: instanceId ?? "", state: "UNATTACHED" });
    }
  }
  for (const id of covered.addresses) {
    const address = store.tables.addresses.get(id);
    if (address?.status === "BINDING") {
      store.tables.addresses.put({ ...address, status: "BIND" });
    } else if (address?.status === "UNBINDING") {
      store.tables.addresses.put({ ...without(address, "targetId"), status: "UNBIND" });
    }
  }
}

/** States an instance leaves by what the world reports. */
export function isUnsettled(instance: InstanceRecord): boolean {
  return ["PENDING", "STARTING", "STOPPING", "REBOOTING", "TERMINATING"].includes(instance.state);
}

/** Moves instances on by what the world reports of them. @returns whether any is still under way. */
export function settleInstances(store: Store, statuses: HostStatus[]): boolean {
  const byId = new Map(statuses.map((each) => [each.instanceId, each]));
  const dead = new Set(store.tables.deadHosts.list().map((each) => each.id));
  let unsettled = false;
  for (const instance of store.tables.instances.list().filter(isUnsettled)) {
    const status = byId.get(instance.id) ?? { instanceId: instance.id, state: "absent" as const };
    if (instance.state === "TERMINATING" && status.state === "absent") {
      store.tables.instances.remove(instance.id);
      dropTargets(store, instance.id);
      dropTags(store, "cvm/instance", instance.id);
      continue;
    }
    const next = advance(instance, status, effectivePower(instance, dead) === "running");
    if (next !== instance) {
      store.tables.instances.put(next);
    }
    unsettled ||= isUnsettled(next);
  }
  return unsettled;
}

function done(instance: InstanceRecord, state: InstanceRecord["state"]): InstanceRecord {
  return {
    ...without(instance, "cycle"),
    state,
    latestOperationState: "SUCCESS",
    latestOperationErrorMsg: "",
  };
}

function failed(
  instance: InstanceRecord,
  state: InstanceRecord["state"],
  status: HostStatus,
): InstanceRecord {
  return {
    ...instance,
    state,
    latestOperationState: "FAILED",
    latestOperationErrorMsg: status.error ?? "the host did not start",
  };
}

/** `powered`: nothing keeps the body off, so a report of `failed` means that it could not start. */
function advance(instance: InstanceRecord, status: HostStatus, powered: boolean): InstanceRecord {
  switch (instance.state) {
    case "PENDING":
      if (instance.launchFailure !== undefined) {
        return failed(instance, "LAUNCH_FAILED", { ...status, error: instance.launchFailure });
      }
      if (status.state === "running") {
        return done(instance, "RUNNING");
      }
      return status.state === "failed" && powered
        ? failed(instance, "LAUNCH_FAILED", status)
        : instance;
    case "STARTING":
      if (status.state === "running") {
        return done(instance, "RUNNING");
      }
      return status.state === "failed" && powered
        ? { ...failed(instance, "STOPPED", status), power: "stopped" }
        : instance;
    case "STOPPING":
      return status.state === "stopped" || status.state === "absent" || status.state === "failed"
        ? done(instance, "STOPPED")
        : instance;
    case "REBOOTING": {
      if (instance.cycle !== undefined) {
        const reached =
          instance.cycle === "absent"
            ? status.state === "absent"
            : status.state !== "running" && status.state !== "starting";
        if (!reached) {
          return instance;
        }
        return instance.power === "stopped"
          ? done(instance, "STOPPED")
          : without(instance, "cycle");
      }
      if (status.state === "running") {
        return done(instance, "RUNNING");
      }
      return status.state === "failed" && powered
        ? { ...failed(instance, "STOPPED", status), power: "stopped" }
        : instance;
    }
    default:
      return instance;
  }
}
