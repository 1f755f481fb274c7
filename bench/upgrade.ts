import { Edits } from "../test/support/edits";
import { TestLab } from "../test/support/lab";
import { seenMeanwhile } from "../test/support/seen";
import { releases, toRelease } from "../test/support/upgrade";

/** Kubernetes a minor release up on the example cluster, 3 + 3 + 2, while a client on a worker writes: how long it takes, and what the client saw. */
export async function upgrade(): Promise<Record<string, unknown>> {
  const lab = new TestLab("bench-upgrade");
  await lab.must("down");
  try {
    await lab.must("up", "--next-kubernetes");
    const { seconds, longestGapMs, lostWrites } = await seenMeanwhile(lab, "lab-worker-1", () =>
      new Edits(lab).up(toRelease(releases.to)),
    );
    return { ...releases, seconds, longestGapMs, lostWrites };
  } finally {
    await lab.must("down");
  }
}
