import { z } from "zod";

/** Longest an answer may be held back, in ms: longer than any client of the API waits. */
const maxDelayMs = 10 * 60_000;

/** What an order for a fault must be like. */
export const faultSchema = z
  .strictObject({
    /** Name of an action; `*` = any. */
    action: z.string().min(1),
    /** Calls it strikes. */
    times: z.number().int().positive().default(1),
    /** Code the call fails with. */
    code: z.string().min(1).optional(),
    message: z.string().optional(),
    /** How long the answer, good or bad, is held back. The call itself is carried out at once. */
    delayMs: z.number().int().positive().max(maxDelayMs).optional(),
    /** RunInstances is accepted, but this many instances end as LAUNCH_FAILED with this message. */
    launchFailure: z.string().min(1).optional(),
  })
  .superRefine((fault, context) => {
    if (fault.code === undefined && fault.delayMs === undefined && !fault.launchFailure) {
      context.addIssue({ code: "custom", message: "give code, delayMs or launchFailure" });
    }
    if (fault.launchFailure && (fault.action !== "RunInstances" || fault.code !== undefined)) {
      context.addIssue({
        code: "custom",
        message: "launchFailure goes with action RunInstances and without code",
      });
    }
  });

/** A fault on order; `times` is what is left of it. */
export type Fault = z.infer<typeof faultSchema>;

/** Faults ordered by the admin API. Kept in memory: a restarted cloud is well again. */
export class Faults {
  private faults: Fault[] = [];

  add(fault: Fault): void {
    this.faults.push({ ...fault });
  }

  list(): Fault[] {
    return this.faults;
  }

  clear(): void {
    this.faults = [];
  }

  /** The fault that strikes this call of an action, if any; uses up one of its times. */
  strike(action: string): Fault | undefined {
    return this.use(
      (each) => !each.launchFailure && (each.action === action || each.action === "*"),
    );
  }

  /** Why the next instance cannot be launched, if it cannot; uses up one of the fault's times. */
  launchFailure(): string | undefined {
    return this.use((each) => each.launchFailure !== undefined)?.launchFailure;
  }

  private use(matches: (fault: Fault) => boolean): Fault | undefined {
    const fault = this.faults.find(matches);
    if (fault) {
      fault.times -= 1;
      this.faults = this.faults.filter((each) => each.times > 0);
    }
    return fault;
  }
}
