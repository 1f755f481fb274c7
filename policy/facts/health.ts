import { detectionSeconds, type HealthCheck } from "../../components/plan/rules/detection";

/**
 * Reads from HAProxy's configuration how servers are checked, by the slowest of its backends; undefined when those of one are not that has several to
 * choose from, or none are at all.
 */
export function haproxyCheck(configuration: string): HealthCheck | undefined {
  const timeout = lines(configuration).find(([a, b]) => a === "timeout" && b === "check")?.[2];
  const checks = backendsIn(configuration).flatMap(({ servers, words }) =>
    words.includes("check") ? checkOf(words, timeout) : servers > 1 ? undefined : [],
  );
  const known = checks.filter((check) => check !== undefined);
  if (known.length < checks.length) return undefined;
  return known.sort((a, b) => detectionSeconds(b) - detectionSeconds(a))[0];
}

/** How many servers each of HAProxy's backends has, and the words that say how they are asked: its own before those of all. */
function backendsIn(configuration: string): { servers: number; words: string[] }[] {
  const sections = configuration.split(/^(?=\S)/m).map(lines);
  const of = (word: string, said: readonly string[][]) => said.filter(([first]) => first === word);
  const common = sections
    .filter(([head]) => head?.[0] === "defaults")
    .flatMap((said) => of("default-server", said));
  return sections.flatMap((said) => {
    const servers = of("server", said);
    if (servers.length === 0) return [];
    return [
      { servers: servers.length, words: [of("default-server", said), servers, common].flat(2) },
    ];
  });
}

function checkOf(words: readonly string[], timeout: string | undefined): HealthCheck {
  const after = (name: string) => words[words.indexOf(name) + 1];
  // HAProxy's own: every 2 s, out after 3, and no limit of its own on one check but the interval.
  const interval = words.includes("inter") ? seconds(after("inter")) : 2;
  return {
    interval,
    failures: words.includes("fall") ? Number(after("fall")) : 3,
    timeout: timeout === undefined ? interval : seconds(timeout),
  };
}

/** Reads from keepalived's configuration how the real servers of LVS are checked; undefined when one of them is not. */
export function keepalivedCheck(configuration: string): HealthCheck | undefined {
  const words = lines(configuration);
  const count = (name: RegExp) => words.filter(([word]) => name.test(word ?? "")).length;
  const checks = /^(HTTP_GET|SSL_GET|TCP_CHECK|MISC_CHECK)$/;
  if (count(/^real_server$/) === 0 || count(checks) < count(/^real_server$/)) return undefined;
  // The slowest of all; keepalived's own for what is not there. Its times are bare seconds.
  const slowest = (name: string, otherwise: number) => {
    const values = words.filter(([word]) => word === name).map(([, value]) => Number(value));
    return values.length === 0 ? otherwise : Math.max(...values);
  };
  const timeout = slowest("connect_timeout", 5);
  const retries = slowest("retry", 1);
  const pause = slowest("delay_before_retry", 1);
  // One round, then retries, each of which waits for an answer as well.
  return {
    interval: slowest("delay_loop", 60) + retries * (pause + timeout),
    failures: 1,
    timeout,
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
