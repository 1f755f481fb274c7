import { readinessPath } from "../../components/plan/readiness";
import { errorsOf } from "../gaps";
import type { Attempt } from "../records";
import type { AskedSite, Harmless, Tried } from "./exercise";

/** Connections each master makes by each way, and how long one may take, in seconds. */
const [tries, limit] = [40, 2];

/**
 * A load balancer of the cloud does not lead a backend to itself: one connection in so many would hang, which looks like bad luck. So masters are led to
 * themselves, and every one of their connections has to be served.
 */
export const hairpin: Harmless = {
  name: "hairpin",
  about: `each master asks the API ${tries} times by its name and ${tries} times by the entry's address, where that is one of the network`,
  expected:
    "every connection is served at once: a master reaches the API through the entry it stands behind",
  harmless: true,
  async run(site) {
    const { masters } = site.plan;
    const asked = await Promise.all(
      masters.map(async ({ name }) => ({ name, attempts: await askFrom(site, name) })),
    );
    return {
      does: `${asked.length} masters asked by the way they stand behind`,
      checks: asked.map(({ name, attempts }) => checkOf(name, attempts)),
      events: [],
      writes: [],
      connections: asked.flatMap(({ attempts }) => attempts),
    };
  },
};

function checkOf(name: string, attempts: readonly Attempt[]): Tried["checks"][number] {
  const slowest = Math.max(0, ...attempts.map(({ start, end }) => end - start));
  const errors = errorsOf(attempts);
  return {
    what: `connections of ${name} through the entry`,
    expected: `all served, each within ${limit} s`,
    measured: errors || `all ${attempts.length} served, the slowest after ${slowest.toFixed(2)} s`,
    passed: attempts.length > 0 && errors === "",
  };
}

async function askFrom({ cluster, plan }: AskedSite, host: string): Promise<Attempt[]> {
  const { apiName, port } = plan.entry;
  const address = "vip" in plan.entry ? plan.entry.vip : undefined;
  const ask = (way: string): string =>
    `curl --silent --insecure --noproxy '*' --max-time ${limit} ${way} --output /dev/null --write-out '%{http_code} %{time_total} %{errormsg}\\n' 'https://${apiName}:${port}${readinessPath}' || true`;
  const ways = ["", ...(address === undefined ? [] : [`--resolve ${apiName}:${port}:${address}`])];
  const script = ways
    .map((way) => `for _ in {1..${tries}}; do printf '%s ' $EPOCHREALTIME; ${ask(way)}; done`)
    .join("\n");
  return parseAnswers(await cluster.onHost(host, script));
}

/** Reads lines of `start status seconds error`. Pure. */
export function parseAnswers(text: string): Attempt[] {
  return text
    .trim()
    .split("\n")
    .filter(Boolean)
    .map((line) => {
      const [start = "", status, seconds, ...error] = line.split(" ");
      const began = Number(start);
      return {
        start: began,
        end: began + Number(seconds),
        error: status === "200" ? "" : error.join(" ") || `answered ${status ?? "nothing"}`,
      };
    });
}
