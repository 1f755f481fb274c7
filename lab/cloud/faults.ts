import { ApiError } from "./errors";

/** An action that fails on purpose. */
export interface ActionFault {
  action: string;
  code: string;
  /** Calls left to fail. */
  times: number;
  message?: string | undefined;
}

/** Failures ordered by the admin API. Kept in memory: a restarted cloud is well again. */
export class ActionFaults {
  private faults: ActionFault[] = [];

  add(fault: ActionFault): void {
    this.faults.push({ ...fault });
  }

  list(): ActionFault[] {
    return this.faults;
  }

  clear(): void {
    this.faults = [];
  }

  /** @throws ApiError when a fault is ordered for the action; uses up one of its times. */
  check(action: string): void {
    const fault = this.faults.find((each) => each.action === action || each.action === "*");
    if (!fault) {
      return;
    }
    fault.times -= 1;
    this.faults = this.faults.filter((each) => each.times > 0);
    throw new ApiError(fault.code, fault.message ?? `Fault ordered for ${action} by the lab.`);
  }
}
