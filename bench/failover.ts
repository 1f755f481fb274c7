import { faultsNamed } from "../drills/contract";
import { contractOnLab } from "../drills/onLab";
import { labIdentity } from "../lab/identity";

export interface FailoverOptions {
  entry?: string;
  topology?: string;
  zones?: number;
  fault?: string[];
  keep?: boolean;
}

/** How long new connections fail and watches are late, fault by fault: a line each, of the position where it was worst. */
export async function failover(options: FailoverOptions): Promise<Record<string, unknown>> {
  const { entry = "vip", topology = "external", zones = 1, fault, keep = false } = options;
  const common = { bench: "failover", entry, topology };
  const { verdicts, broken } = await contractOnLab(
    labIdentity(undefined, "bench"),
    { entry, topology, zones },
    {
      keep,
      ...(fault && { faults: faultsNamed(fault) }),
      told: (verdict) => {
        console.log(JSON.stringify({ ...common, ...verdict }));
      },
    },
  );
  const byEntry = verdicts.filter(({ way }) => way === "entry");
  if (byEntry.length === 0) throw new Error(`nothing was measured: ${broken.join("; ")}`);
  const worst = byEntry.reduce((a, b) => (b.newConnectionGapMs > a.newConnectionGapMs ? b : a));
  return {
    ...{ entry, topology, faults: new Set(byEntry.map((each) => each.fault)).size },
    ...{ fault: worst.fault, position: worst.position },
    newConnectionGapMs: worst.newConnectionGapMs,
    watchGapMs: Math.max(...byEntry.map(({ watchGapMs }) => watchGapMs)),
    watchesCut: byEntry.reduce((sum, { watchesCut }) => sum + watchesCut, 0),
    ...(broken.length > 0 && { broken }),
    missed: verdicts.filter(({ passed }) => !passed).map((each) => `${each.fault} (${each.way})`),
  };
}
