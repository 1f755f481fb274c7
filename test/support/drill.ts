import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { waitFor } from "../../lab/wait";
import type { TestLab } from "./lab";

export interface WriteRecord {
  number: number;
  start: number;
  end: number;
  acknowledged: boolean;
  error: string;
}

/** On the host's disk, so that {@link writesAfter} sees it from the machine below while nobody can log in. */
const directory = "/var/lib/drill";

/** How a client writes. */
export interface Writing {
  /** Seconds from one write to the next. @default 0.1 */
  pauseSeconds?: number;
  /** Seconds after which it ends by itself. @default 600 */
  seconds?: number;
}

/** Starts the client of writer.py on a host; it runs on while hosts and even the bastion die. */
export async function startWriter(
  lab: TestLab,
  host: string,
  { pauseSeconds = 0.1, seconds = 600 }: Writing = {},
): Promise<void> {
  const { entry, kubeconfig } = lab.operator.outputs;
  const config = parse(kubeconfig) as {
    clusters: { cluster: { "certificate-authority-data": string } }[];
    users: { user: { "client-certificate-data": string; "client-key-data": string } }[];
  };
  const text = (base64: string | undefined): string =>
    Buffer.from(base64 ?? "", "base64").toString();
  const target = {
    host: entry.name,
    port: entry.port,
    ca: text(config.clusters[0]?.cluster["certificate-authority-data"]),
    cert: text(config.users[0]?.user["client-certificate-data"]),
    key: text(config.users[0]?.user["client-key-data"]),
    pause: pauseSeconds,
    seconds,
  };
  await lab.kubectl("delete", "configmap", "drill", "--ignore-not-found");
  // May be asked twice, when a machine has just died.
  await lab.apply({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "drill" } });
  const writer = readFileSync(join(__dirname, "writer.py"), "utf8");
  const heredoc = (path: string, body: string): string =>
    `cat > ${path} <<'END-OF-FILE'\n${body}\nEND-OF-FILE\n`;
  await lab.onHost(
    host,
    `set -euo pipefail; umask 077; rm -rf ${directory}; mkdir -p ${directory}\n` +
      heredoc(`${directory}/writer.py`, writer) +
      heredoc(`${directory}/target.json`, JSON.stringify(target)) +
      `systemctl stop drill-writer 2>/dev/null || true; systemctl reset-failed drill-writer 2>/dev/null || true\n` +
      `systemd-run --quiet --unit=drill-writer python3 ${directory}/writer.py ${directory}\n`,
  );
  await waitFor(
    { what: "the writer's first acknowledged writes", deadlineSeconds: 120 },
    async (seen) => {
      const log = await lab.onHost(host, `tail -n 3 ${directory}/log 2>/dev/null || true`);
      seen(log);
      return parseLog(log).some(({ acknowledged }) => acknowledged) ? true : undefined;
    },
  );
}

/**
 * Waits until the writer has an acknowledged write and a whole calm second before it, at least `seconds` after `since` (epoch, s): long enough for
 * every health check to have noticed an outage that began then. Reads the host's disk from below, since the bastion may be dead.
 *
 * @throws DeadlineError with the last writes.
 */
export async function writesAfter(
  lab: TestLab,
  instanceId: string,
  since: number,
  seconds: number,
): Promise<void> {
  const file = lab.hostFile(instanceId, `${directory}/log`);
  if (file === undefined) throw new Error(`${instanceId}, which writes, is off`);
  await waitFor(
    { what: "writes to be acknowledged again", deadlineSeconds: seconds + 180 },
    (seen) => {
      const records = parseLog(readFileSync(file, "utf8"));
      const last = records.slice(-10);
      seen(
        last.map(({ end, error }) => `${(end - since).toFixed(1)} s: ${error || "ok"}`).join("\n"),
      );
      const calm = last.every(({ acknowledged }) => acknowledged);
      return Promise.resolve(calm && (last[0]?.start ?? 0) > since + seconds ? true : undefined);
    },
  );
}

/** Ends the writer and returns all it recorded. */
export async function stopWriter(lab: TestLab, host: string): Promise<WriteRecord[]> {
  await lab.onHost(
    host,
    `touch ${directory}/stop; while systemctl -q is-active drill-writer; do sleep 0.2; done`,
  );
  return parseLog(await lab.onHost(host, `cat ${directory}/log`));
}

/** Acknowledged writes that the cluster no longer has. */
export async function lostWrites(lab: TestLab, records: readonly WriteRecord[]): Promise<string[]> {
  const { data } = JSON.parse(await lab.kubectl("get", "configmap", "drill", "-o", "json")) as {
    data?: Record<string, string>;
  };
  return records
    .filter(({ acknowledged }) => acknowledged)
    .map(({ number }) => `k${String(number).padStart(5, "0")}`)
    .filter((key) => data?.[key] === undefined);
}

/** Longest time between two acknowledged writes, in seconds. */
export function longestGap(records: readonly WriteRecord[]): number {
  const ends = records.filter(({ acknowledged }) => acknowledged).map(({ end }) => end);
  return Math.max(0, ...ends.slice(1).map((end, index) => end - (ends[index] as number)));
}

function parseLog(log: string): WriteRecord[] {
  return log
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [number, start, end, ok, ...error] = line.split(" ");
      return {
        number: Number(number),
        start: Number(start),
        end: Number(end),
        acknowledged: ok === "1",
        error: error.join(" "),
      };
    });
}
