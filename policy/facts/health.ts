import { type HealthCheck } from "../../components/plan/rules/detection";

/** Reads from HAProxy's configuration how servers are checked; undefined when a backend's servers are not. */
export function haproxyCheck(configuration: string): HealthCheck | undefined {
  const servers = lines(configuration).filter(
    ([word]) => word === "default-server" || word === "server",
  );
  if (!servers.some((words) => words.includes("check"))) return undefined;
  const words = servers.flat();
  const after = (name: string) => words[words.indexOf(name) + 1];
  const timeout = lines(configuration).find(([a, b]) => a === "timeout" && b === "check")?.[2];
  // HAProxy's own: every 2 s, out after 3, and no limit of its own on one check but the interval.
  const interval = words.includes("inter") ? seconds(after("inter")) : 2;
  return {
    interval,
    failures: words.includes("fall") ? Number(after("fall")) : 3,
    timeout: timeout === undefined ? interval : seconds(timeout),
  };
}

function lines(configuration: string): string[][] {
  return configuration.split("\n").map((line) => line.trim().split(/\s+/));
}

/** `500ms`, `1s`, `1m`; a bare number is milliseconds. What cannot be read takes for ever. */
function seconds(time: string | undefined): number {
  const [, count, unit] = /^(\d+)(ms|s|m)?$/.exec(time ?? "") ?? [];
  if (count === undefined) return Infinity;
  return Number(count) * (unit === "m" ? 60 : unit === "s" ? 1 : 0.001);
}
