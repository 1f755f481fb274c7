import fc from "fast-check";
import { allocatable, gibibytes, reservation } from "../../../components/plan/reservation";
import { line, problemsOf } from "./fixture";

const example = { cpus: 32, memoryGiB: 64, diskGiB: 100, maxPods: 110 };

test("the asked-for example: 32 cores, 64 GiB, 100 GiB", () => {
  expect(reservation(example)).toEqual({
    kubeReserved: { cpu: "1", memory: "2Gi", ephemeralStorage: "1Gi" },
    systemReserved: { cpu: "1", memory: "1Gi", ephemeralStorage: "1Gi" },
    evictionHard: { "memory.available": "500Mi", "nodefs.available": "10%" },
    enforceNodeAllocatable: ["pods", "kube-reserved", "system-reserved"],
  });
});

test("what that leaves: the memory and disk asked for, and 30 cores where the document says 29", () => {
  const left = allocatable(example, reservation(example));
  // 64 GiB - 2 - 1 - 500 MiB, which the document rounds to 60.5.
  expect(left.memoryGiB).toBeCloseTo(64 - 3 - 500 / 1024, 6);
  expect(left.memoryGiB.toFixed(1)).toBe("60.5");
  expect(left.diskGiB).toBe(88);
  // 32 - 1 - 1: processors have no eviction threshold, so no setting of the kubelet makes it 29.
  expect(left.cpus).toBe(30);
});

test.each([
  ["1 core, 2 GiB", { cpus: 1, memoryGiB: 2, diskGiB: 20 }, ["50m", "192Mi", "96Mi"]],
  ["2 cores, 2 GiB", { cpus: 2, memoryGiB: 2, diskGiB: 50 }, ["63m", "192Mi", "96Mi"]],
  [
    "2 cores, 3 GiB, between two points of the curve",
    { cpus: 2, memoryGiB: 3, diskGiB: 50 },
    ["63m", "256Mi", "128Mi"],
  ],
  [
    "4 cores, 5 GiB, on the way from the curve to the floor",
    { cpus: 4, memoryGiB: 5, diskGiB: 50 },
    ["125m", "606Mi", "248Mi"],
  ],
  [
    "64 cores, 512 GiB, beyond the curve",
    { cpus: 64, memoryGiB: 512, diskGiB: 500 },
    ["1", "4Gi", "2Gi"],
  ],
  ["2 cores, 4 GiB", { cpus: 2, memoryGiB: 4, diskGiB: 50 }, ["63m", "320Mi", "160Mi"]],
  ["4 cores, 8 GiB", { cpus: 4, memoryGiB: 8, diskGiB: 50 }, ["125m", "1465Mi", "512Mi"]],
  ["8 cores, 16 GiB", { cpus: 8, memoryGiB: 16, diskGiB: 100 }, ["250m", "1465Mi", "512Mi"]],
  ["16 cores, 32 GiB", { cpus: 16, memoryGiB: 32, diskGiB: 100 }, ["500m", "1465Mi", "672Mi"]],
  ["64 cores, 256 GiB", { cpus: 64, memoryGiB: 256, diskGiB: 500 }, ["1", "4Gi", "2Gi"]],
])("%s stays usable", (_, node, [cpu, kube, system]) => {
  const kept = reservation({ ...node, maxPods: 110 });
  expect(kept.kubeReserved).toMatchObject({ cpu, memory: kube });
  expect(kept.systemReserved).toMatchObject({ cpu, memory: system });
  const left = allocatable({ ...node, maxPods: 110 }, kept);
  expect(left.memoryGiB).toBeGreaterThan(node.memoryGiB * 0.69);
  expect(left.cpus).toBeGreaterThan(node.cpus * 0.89);
});

test("small machines enforce pods only: limits that small would kill the kubelet itself", () => {
  expect(reservation({ ...example, memoryGiB: 4 }).enforceNodeAllocatable).toEqual(["pods"]);
  expect(reservation({ ...example, memoryGiB: 8 }).enforceNodeAllocatable).toHaveLength(3);
});

test.each([
  [10, "256Mi"],
  [50, "512Mi"],
  [70, "717Mi"],
  [500, "1Gi"],
])("of a disk of %s GiB %s are kept for logs", (diskGiB, expected) => {
  expect(reservation({ ...example, diskGiB }).kubeReserved.ephemeralStorage).toBe(expected);
});

test("quantities may be written in any binary unit", () => {
  const memory = (of: string) =>
    allocatable(
      { ...example, memoryGiB: 4096 },
      reservation(example, { kubeReserved: { memory: of }, systemReserved: { memory: "0Mi" } }),
    ).memoryGiB;
  expect(memory("1048576Ki")).toBeCloseTo(4096 - 1 - 500 / 1024, 6);
  expect(memory("1Ti")).toBeCloseTo(4096 - 1024 - 500 / 1024, 6);
});

test("configuration wins, value by value", () => {
  const kept = reservation(example, {
    kubeReserved: { memory: "3Gi", cpu: undefined },
    enforceNodeAllocatable: ["pods"],
  });
  expect(kept.kubeReserved).toEqual({ cpu: "1", memory: "3Gi", ephemeralStorage: "1Gi" });
  expect(kept.systemReserved.memory).toBe("1Gi");
  expect(kept.enforceNodeAllocatable).toEqual(["pods"]);
});

test("a larger machine reserves no less and leaves no less, and always leaves more than half", () => {
  const size = fc.record({
    cpus: fc.integer({ min: 1, max: 128 }),
    memoryGiB: fc.integer({ min: 1, max: 512 }),
    diskGiB: fc.integer({ min: 20, max: 2000 }),
    maxPods: fc.integer({ min: 10, max: 250 }),
  });
  fc.assert(
    fc.property(size, fc.integer({ min: 0, max: 64 }), (node, more) => {
      const larger = {
        cpus: node.cpus + more,
        memoryGiB: node.memoryGiB + more,
        diskGiB: node.diskGiB + more,
        maxPods: node.maxPods,
      };
      const left = allocatable(node, reservation(node));
      const leftOfLarger = allocatable(larger, reservation(larger));
      for (const what of ["cpus", "memoryGiB", "diskGiB"] as const) {
        expect(left[what]).toBeGreaterThan(node[what] / 2);
        expect(leftOfLarger[what]).toBeGreaterThanOrEqual(left[what] - 1e-9);
      }
    }),
  );
});

test("what is enforced is never below what kubelet, containerd and that many shims use", () => {
  const size = fc.record({
    cpus: fc.integer({ min: 1, max: 128 }),
    memoryGiB: fc.integer({ min: 1, max: 512 }),
    diskGiB: fc.integer({ min: 20, max: 2000 }),
    maxPods: fc.integer({ min: 10, max: 250 }),
    controlPlane: fc.boolean(),
  });
  fc.assert(
    fc.property(size, (node) => {
      const { kubeReserved, systemReserved, enforceNodeAllocatable } = reservation(node);
      if (!enforceNodeAllocatable.includes("kube-reserved")) return;
      const mib = ({ memory }: { memory: string }) => gibibytes(memory) * 1024;
      expect(mib(kubeReserved)).toBeGreaterThanOrEqual(255 + 11 * node.maxPods);
      expect(mib(systemReserved)).toBeGreaterThanOrEqual(node.controlPlane ? 1024 : 512);
    }),
  );
});

describe("a reservation that would kill what it protects, or leave nothing, is refused", () => {
  test("an enforced one that is less than the floor, told once for all groups of nodes", () => {
    const said = problemsOf((config) => {
      config.masters.instanceType = "S5.LARGE16";
      config.kubelet = { maxPods: 250, kubeReserved: { memory: "1Gi" } };
    }).map(line);
    expect(said).toEqual([
      "kubelet.kubeReserved.memory: 1Gi would be enforced, but kubelet and containerd with 250 pods use up to 3005Mi and would be killed. Use 3005Mi or more, lower kubelet.maxPods, or leave kube-reserved out of kubelet.enforceNodeAllocatable.",
    ]);
  });

  test("the same is right where it is not enforced", () => {
    expect(
      problemsOf((config) => {
        config.kubelet = { kubeReserved: { memory: "1Gi" }, enforceNodeAllocatable: ["pods"] };
      }),
    ).toEqual([]);
  });

  test("one that leaves a machine nothing for pods", () => {
    const said = problemsOf((config) => {
      config.workers[0].instanceType = "S5.MEDIUM4";
      config.kubelet = { kubeReserved: { memory: "3Gi" } };
    }).map(line);
    expect(said).toEqual([
      "workers.0.instanceType: S5.MEDIUM4 would have 455 MiB left for pods beside what is reserved for 110 of them. Use a type with more memory, lower kubelet.maxPods, or set kubelet.kubeReserved and kubelet.systemReserved.",
    ]);
  });
});
