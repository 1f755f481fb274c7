import type { InstanceRecord } from "../../records";
import type { Store } from "../../store";

/** Instances that an owner has: not those that go or never came up. */
export function presentInstances(store: Store): InstanceRecord[] {
  return store.tables.instances
    .list()
    .filter((each) => each.state !== "TERMINATING" && each.state !== "LAUNCH_FAILED");
}
