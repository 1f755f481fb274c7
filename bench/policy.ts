import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { Living } from "../test/engine/changes/living";
import { bad } from "../test/engine/changes/rows/bad";
import { good } from "../test/engine/changes/rows/good";
import { tryRows } from "../test/engine/changes/trial";
import { type MemoryLab, startMemoryLab } from "../test/support/memoryLab";
import { ensureToolchain } from "../toolchain";
import { say } from "../toolchain/progress";
import { seconds } from "./lab";
import { config as scaleConfig } from "./scale";

/** Hosts behind the bastion: 8 that every cluster has, the rest workers. */
const sizes = [11, 100, 500] as const;
const others = 8;

/**
 * How many of the bad changes are denied by the rule that is named for them, and how many of the good ones pass; and what the pack adds to a preview
 * of a cluster that is about to be made.
 */
export async function policy(): Promise<Record<string, unknown>> {
  await ensureToolchain({ need: ["sdk", "command"] });
  const verdicts = await judged();
  const lab = await startMemoryLab({ name: "bench-policy" });
  try {
    const previewSeconds: Record<string, number> = {};
    const packSeconds: Record<string, number> = {};
    for (const size of sizes) {
      await configure(lab, size - others);
      const without = await preview(lab, []);
      const pack = await preview(lab, ["--policy-pack", "policy"]);
      previewSeconds[size] = pack;
      packSeconds[size] = Math.round(Math.max(0, pack - without) * 10) / 10;
      say(`${size} nodes: preview ${pack} s with the pack, ${without} s without`);
    }
    return { ...verdicts, previewSeconds, packSeconds };
  } finally {
    await lab.close();
  }
}

async function judged(): Promise<Record<string, number>> {
  const living = await Living.start("bench-policy-changes", [...bad, ...good]);
  try {
    const { answers } = await tryRows(living);
    const denied = answers.filter(
      ({ row, judgement }) =>
        row.rule !== undefined &&
        judgement.verdict === "denied" &&
        judgement.rules.some(({ rule, verdict }) => rule === row.rule && verdict === "denied"),
    );
    const passed = answers.filter(
      ({ row, judgement, pack }) =>
        row.rule === undefined && judgement.verdict === "passed" && pack.size === 0,
    );
    for (const { row, judgement, pack } of answers.filter(
      (answer) => !denied.includes(answer) && !passed.includes(answer),
    )) {
      const rules = judgement.rules.filter(({ verdict }) => verdict !== "passed");
      say(`${row.title}: ${[...rules.map(({ rule }) => rule), ...pack].join(", ")}`);
    }
    return {
      bad: bad.length,
      badDenied: denied.length,
      good: good.length,
      goodPassed: passed.length,
    };
  } finally {
    await living.close();
  }
}

async function configure(lab: MemoryLab, workers: number): Promise<void> {
  const file = join(lab.identity.dir, "policy.yaml");
  const config = { "tencentcloud-kubernetes-ha:cluster": scaleConfig(workers) };
  writeFileSync(file, stringify({ config }));
  await lab.engine.prepare(file);
}

/** Seconds of a preview; its lines are not shown, only that it passed counts. */
function preview({ engine }: MemoryLab, extra: string[]): Promise<number> {
  return seconds(() =>
    engine.capture(["preview", ...engine.selection(), "--suppress-progress", ...extra]),
  );
}
