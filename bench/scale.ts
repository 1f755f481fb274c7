import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import type { ClusterConfigInput } from "../components/plan/config";
import { newestVersions } from "../components/plan/schema/versions";
import { startMemoryLab, type MemoryLab } from "../test/support/memoryLab";
import { ensureToolchain } from "../toolchain";
import { say } from "../toolchain/progress";
import { floor } from "./floor";
import { seconds } from "./lab";
import { PeakMemory } from "./peakMemory";
import { resourcesInState, stateMiB } from "./stateSize";

/** Sizes at which adding one worker is measured. */
const sizes = [10, 200] as const;
const nodes = Number(process.env["SCALE_NODES"] ?? 500);

/**
 * A cluster of 500 workers on hosts without machines: what the engine, the provider, the program and the policy pack cost, and whether
 * one more worker costs the same in a small and in a large cluster. On the way to a size only the last state is saved: a file backend
 * writes the whole state, 37 KB a worker, at each of its thousands of steps. What is measured at that size saves every step.
 */
export async function scale(): Promise<Record<string, unknown>> {
  await ensureToolchain({ need: ["sdk", "command"] });
  const lab = await startMemoryLab({ name: "bench-scale" });
  try {
    const addOne: Record<string, number> = {};
    const addOneSavingOnce: Record<string, number> = {};
    const noop: Record<string, number> = {};
    let touched = 0;
    for (const size of sizes.filter((each) => each < nodes)) {
      say(`${size} workers: up ${await savingOnce(() => up(lab, size))} s`);
      noop[size] = await up(lab, size);
      const before = (await lab.sshLog()).length;
      addOne[size] = await up(lab, size + 1);
      touched = Math.max(touched, hosts(await lab.sshLog(), before));
      addOneSavingOnce[size] = await savingOnce(() => up(lab, size + 2));
      say(`${size} workers: no change ${noop[size]} s, one more ${addOne[size]} s`);
    }
    // From nothing again, so that the whole is measured and not the difference.
    await savingOnce(() => must(lab.engine.destroy(), "destroy"));
    const peak = new PeakMemory(lab.identity.dir);
    const upSeconds = await peak.during(() => savingOnce(() => up(lab, nodes)));
    say(`${nodes} workers: up ${upSeconds} s`);
    const noopSeconds = await up(lab, nodes);
    const state = join(lab.identity.dir, "pulumi-state");
    const resources = resourcesInState(state);
    return {
      nodes,
      resources,
      upSeconds,
      noopSeconds,
      addOneSeconds: addOne,
      // The engine's own share of it: its writing of the whole state at each step, and reading program, state and plugins.
      addOneSavingOnceSeconds: addOneSavingOnce,
      noopSecondsAt: noop,
      hostsTouched: touched,
      stateMiB: stateMiB(state),
      programPeakMiB: peak.programMiB(),
      floor: await floor(resources),
    };
  } finally {
    await lab.close();
  }
}

/** Seconds of an `up` with so many workers. */
async function up(lab: MemoryLab, workers: number): Promise<number> {
  const file = join(lab.identity.dir, "scale.yaml");
  writeFileSync(
    file,
    stringify({ config: { "tencentcloud-kubernetes-ha:cluster": config(workers) } }),
  );
  await lab.engine.prepare(file);
  return seconds(() => must(lab.engine.up(), `up with ${workers} workers`));
}

/** Runs the engine so that it saves its state once, at the end of a run. */
async function savingOnce<T>(work: () => Promise<T>): Promise<T> {
  process.env["PULUMI_SKIP_CHECKPOINTS"] = "true";
  try {
    return await work();
  } finally {
    delete process.env["PULUMI_SKIP_CHECKPOINTS"];
  }
}

async function must(run: Promise<number>, what: string): Promise<void> {
  const code = await run;
  if (code !== 0) throw new Error(`${what} ended with ${code}`);
}

const hosts = (log: { host: string }[], from: number): number =>
  new Set(log.slice(from).map(({ host }) => host)).size;

export function config(workers: number): ClusterConfigInput {
  return {
    name: "scale",
    imageId: "img-7ag0z2jt",
    versions: newestVersions,
    network: {
      vpcCidr: "10.40.0.0/16",
      zones: [{ zone: "ap-guangzhou-6", subnetCidr: "10.40.0.0/20" }],
      // Every node takes a /24: room for 1024.
      podCidr: "10.244.0.0/14",
    },
    bastion: { instanceType: "S5.SMALL2", allowedCidrs: ["203.0.113.0/24"] },
    etcd: { members: 3, instanceType: "S5.LARGE8" },
    masters: { members: 3, instanceType: "S5.2XLARGE32" },
    entry: { balancers: { members: 2, instanceType: "S5.MEDIUM4" } },
    workers: [{ pool: "worker", members: workers, instanceType: "S5.LARGE8" }],
    sources: {
      kind: "mirror",
      baseUrl: "https://mirror.example.com/artifacts",
      imageRepository: "registry.example.com/kubernetes-ha",
    },
  };
}
