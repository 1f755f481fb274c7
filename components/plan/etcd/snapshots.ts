import { z } from "zod";
import { bucket, type ObjectStorePlan, planObjectStore, storageEndpoint } from "../objectStorage";
import { secondsOf } from "../schema/times";

/** Times between two snapshots of a member: what a day is a multiple of, and what is a part of an hour or a multiple of one. */
const intervals = ["15m", "30m", "1h", "2h", "3h", "4h", "6h", "8h", "12h", "24h"] as const;

const cos = z.strictObject({
  bucket: bucket.describe(
    "Bucket of the object storage, with the account's number: `backups-1250000000`. One that is there: it outlives the cluster, so the cluster does not make it. Private, with versioning, and a lifecycle rule for how long objects below `<cluster>/` are kept: members may put objects there, and nothing else.",
  ),
  endpoint: storageEndpoint.optional().meta({
    description: "Where members reach the storage, without the bucket.",
    defaultText: "`https://cos.<region>.myqcloud.com`, with the region of the first zone",
  }),
});

/** Section `etcd.snapshots`. */
export const snapshots = z
  .strictObject({
    enabled: z
      .boolean()
      .default(true)
      .describe(
        "Whether members take snapshots. Without, all is lost when two of three have lost their data.",
      ),
    every: z
      .enum(intervals)
      .default("1h")
      .describe(
        "How often each member takes one, in minutes or hours of UTC. Members take turns: of three that do so every hour, one does every 20 minutes.",
      ),
    keep: z
      .int()
      .min(2)
      .max(500)
      .meta({ unit: "snapshots" })
      .default(24)
      .describe(
        "How many a member keeps on its system disk; fewer where these would leave less than a tenth of that free.",
      ),
    keepDays: z
      .int()
      .min(1)
      .max(365)
      .meta({ unit: "days" })
      .default(7)
      .describe("Days after which a member drops a snapshot. Its newest one stays, however old."),
    cos: cos.optional().meta({
      description: "Where each goes as well, sealed, so that it outlives the cluster.",
      defaultText: "nowhere",
    }),
  })
  .prefault({})
  .describe("Snapshots of the data, on every member.");

/** Snapshots as configured. */
export type SnapshotsConfig = z.output<typeof snapshots>;

const minutesOf = (time: string): number => secondsOf(time) / 60;

/** Moments of the day: each of these hours with each of these minutes, UTC. */
export interface Turns {
  hours: readonly number[];
  minutes: readonly number[];
}

/** When the member at a place among all members takes its snapshots. */
export function snapshotTurns(
  { every }: Pick<SnapshotsConfig, "every">,
  place: number,
  members: number,
): Turns {
  return turnsOf(minutesOf(every), place, members);
}

/**
 * When a member does what each does once in so many minutes, which an hour is a multiple of, or they are one of an hour. Members' turns are spread evenly, so
 * that no two are at it at once.
 */
export function turnsOf(interval: number, place: number, members: number): Turns {
  const first = Math.floor((interval * place) / members);
  const times = Array.from({ length: (24 * 60) / interval }, (_, turn) => first + turn * interval);
  const each = (part: (time: number) => number) => [...new Set(times.map(part))];
  return { hours: each((time) => Math.floor(time / 60)), minutes: each((time) => time % 60) };
}

/** Where snapshots go beside the members' disks, below `<cluster>/`. */
export interface SnapshotStorePlan extends ObjectStorePlan {
  /** Where objects of the cluster lie, `https://<bucket>.cos.<region>.myqcloud.com/<cluster>`. */
  url: string;
}

/** The store of a cluster's snapshots, if it has one. */
export function planSnapshotStore(
  cluster: string,
  { cos }: SnapshotsConfig,
  zone: string,
): SnapshotStorePlan | undefined {
  if (cos === undefined) return undefined;
  const store = planObjectStore(cos, {
    ...{ zone, prefix: `${cluster}/`, role: `${cluster}-etcd-snapshots` },
  });
  return { ...store, url: `${store.endpoint.replace("//", `//${cos.bucket}.`)}/${cluster}` };
}
