import { paths } from "../../components/render/paths";
import type { Hosts } from "./hosts";

/** A snapshot that a member keeps. */
export interface KeptSnapshot {
  name: string;
  /** Member that has it. */
  host: string;
  path: string;
  /** When it was taken, ISO 8601. */
  time: string;
  bytes: number;
  sha256: string;
  /** Of etcd's store, and how many keys it holds. */
  revision: number;
  keys: number;
}

/** Prints a line for each snapshot: name, bytes, checksum, and what etcdutl said of it when it was taken. */
const look = `cd ${paths.snapshots} 2>/dev/null || exit 0
for name in etcd-*.db; do
  [[ -s $name.sha256 && -s $name.status ]] || continue
  echo "$name $(stat -c %s "$name") $(cut -d' ' -f1 "$name.sha256") $(tr -d '\\n' <"$name.status")"
done
`;

/** When a snapshot was taken, by its name; ISO 8601. */
export function timeOf(name: string): string {
  const [year, month, day, hour, minute, second] =
    /^etcd-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-/.exec(name)?.slice(1) ?? [];
  return `${year}-${month}-${day}T${hour}:${minute}:${second}Z`;
}

/** Snapshots that a member keeps, as it tells them. */
export function parseKept(host: string, told: string): KeptSnapshot[] {
  return told
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [name = "", bytes, sha256 = "", ...status] = line.split(" ");
      const { revision, totalKey } = JSON.parse(status.join(" ")) as Record<string, number>;
      return {
        ...{ name, host, path: `${paths.snapshots}/${name}`, bytes: Number(bytes), sha256 },
        time: timeOf(name),
        ...{ revision: revision ?? 0, keys: totalKey ?? 0 },
      };
    });
}

/** What members keep, the newest first, and why one could not be asked. */
export async function keptSnapshots(
  hosts: Hosts,
  members: readonly string[],
): Promise<{ snapshots: KeptSnapshot[]; silent: string[] }> {
  const silent: string[] = [];
  const asked = await Promise.all(
    members.map((host) =>
      hosts.asRoot(host, look).then(
        (told) => parseKept(host, told),
        (error: unknown) => {
          silent.push(`${host}: ${error instanceof Error ? error.message : String(error)}`);
          return [];
        },
      ),
    ),
  );
  const snapshots = asked.flat().sort((one, other) => other.name.localeCompare(one.name));
  return { snapshots, silent };
}
