import { type Fault } from "../fault";

/** How a member that has stopped answering is found out. All in seconds. */
export interface HealthCheck {
  /** Between two probes. */
  interval: number;
  /** Failed probes until it is out. */
  failures: number;
  /** What one probe waits for an answer. */
  timeout: number;
}

/** Seconds until a member that is silent gets no more connections, at worst. */
export function detectionSeconds({ interval, failures, timeout }: HealthCheck): number {
  return interval * failures + timeout;
}

/** Why a health check is too slow; undefined when it finds out within a limit of seconds. */
export function detectionFault(check: HealthCheck, limit: number): Fault | undefined {
  const seconds = detectionSeconds(check);
  if (seconds <= limit) return undefined;
  return {
    message:
      `a master that is gone still gets connections for ${seconds} s (${check.failures} checks ${check.interval} s apart, ` +
      `${check.timeout} s each), more than ${limit} s`,
    fix: "Check more often, or give up sooner",
  };
}
