import fc from "fast-check";
import { snapshotTurns } from "../../../../components/plan/etcd";
import type { SnapshotsConfig } from "../../../../components/plan/etcd/snapshots";
import { parseClusterConfig } from "../../../../components/plan";
import { minimalConfig } from "../fixture";

const config = (snapshots: object) => {
  const minimal = minimalConfig();
  return { ...minimal, etcd: { ...minimal.etcd, snapshots } };
};

test("members take them by default: every hour, a day's worth, for a week at most", () => {
  expect(parseClusterConfig(minimalConfig()).etcd.snapshots).toEqual({
    ...{ enabled: true, every: "1h", keep: 24, keepDays: 7 },
  });
});

test.each([
  [{ every: "5h" }, 'etcd.snapshots.every: got "5h". Use one of 15m, 30m, 1h'],
  [{ keep: 1 }, "etcd.snapshots.keep: got 1. Use a number of at least 2"],
  [{ keepDays: 0 }, "etcd.snapshots.keepDays: got 0. Use a number of at least 1"],
  [
    { enable: false },
    "etcd.snapshots.enable: there is no such setting. Did you mean etcd.snapshots.enabled",
  ],
])("%j is told", (snapshots, message) => {
  expect(() => parseClusterConfig(config(snapshots))).toThrow(message);
});

const intervals = ["15m", "30m", "1h", "2h", "3h", "4h", "6h", "8h", "12h", "24h"] as const;
const minutes: Record<SnapshotsConfig["every"], number> = {
  ...{ "15m": 15, "30m": 30, "1h": 60, "2h": 120, "3h": 180, "4h": 240 },
  ...{ "6h": 360, "8h": 480, "12h": 720, "24h": 1440 },
};

test("a member takes its snapshots at equal distances all day, and no two members at once", () => {
  fc.assert(
    fc.property(fc.constantFrom(...intervals), fc.constantFrom(3, 5, 7), (every, members) => {
      const all = Array.from({ length: members }, (_, place) => {
        const times = snapshotTurns({ every }, place, members);
        return times.hours.flatMap((hour) => times.minutes.map((minute) => hour * 60 + minute));
      });
      for (const times of all) {
        expect(times).toHaveLength(1440 / minutes[every]);
        times.forEach((time, turn) => expect(time - (times[0] ?? 0)).toBe(turn * minutes[every]));
        expect(times.at(-1)).toBeLessThan(1440);
      }
      expect(new Set(all.flat()).size).toBe(all.flat().length);
    }),
  );
});

test("three members that each take one an hour do so every 20 minutes", () => {
  const at = (place: number) => snapshotTurns({ every: "1h" }, place, 3).minutes;
  expect([at(0), at(1), at(2)]).toEqual([[0], [20], [40]]);
});
