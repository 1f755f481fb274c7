import type { Call } from "../../action";
import type { InstanceRecord } from "../../records";
import { begin, requireState } from "./instancePower";

/** Ends a change that needs no power cycle. */
export function finish(
  { store, requestId }: Call,
  instance: InstanceRecord,
  operation: string,
  fields: Partial<InstanceRecord>,
): void {
  store.tables.instances.put({
    ...instance,
    ...fields,
    latestOperation: operation,
    latestOperationState: "SUCCESS",
    latestOperationRequestId: requestId,
    latestOperationErrorMsg: "",
  });
}

/** Ends a change that takes the body off and on again, unless the owner stopped it anyway. */
export function cycle(
  call: Call,
  instance: InstanceRecord,
  operation: string,
  how: "off" | "absent",
  fields: Partial<InstanceRecord>,
): void {
  requireState(instance, "RUNNING", "STOPPED");
  if (instance.state === "STOPPED" && how === "off") {
    finish(call, instance, operation, fields);
    return;
  }
  begin(call, instance, operation, { ...fields, state: "REBOOTING", cycle: how });
}
