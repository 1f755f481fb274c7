import fc from "fast-check";
import {
  acceptedGenerations,
  begunRotations,
  firstRotation,
  formerGenerations,
  rotatedKeys,
  type Rotation,
  rotationFault,
  rotationPhases,
} from "../../../components/plan/rotation";
import { planOf, problemsOf } from "./fixture";

const now = new Date("2026-11-27T12:00:00Z");
const longAgo = new Date("2026-01-01T00:00:00Z");
const fault = (before: Rotation, after: Rotation, since = longAgo, overlap?: string) =>
  rotationFault("serviceAccountKey", { ...before, since }, after, now, overlap);

/** Where a cluster may be: every phase of a generation, but for those that the first has not. */
const places: fc.Arbitrary<Rotation> = fc
  .record({ generation: fc.integer({ min: 1, max: 9 }), phase: fc.constantFrom(...rotationPhases) })
  .filter(({ generation, phase }) => generation > 1 || phase === "retire");

test.each([
  [{ generation: 1, phase: "retire" }, [1]],
  [{ generation: 2, phase: "trust" }, [1, 2]],
  [{ generation: 2, phase: "use" }, [2, 1]],
  [{ generation: 2, phase: "retire" }, [2]],
  [{ generation: 7, phase: "trust" }, [6, 7]],
] as const)("%j accepts the generations %j, and uses the first", (rotation, generations) => {
  expect(acceptedGenerations(rotation)).toEqual(generations);
});

test("every generation up to the last is accepted, or was", () => {
  fc.assert(
    fc.property(places, (rotation) => {
      const all = [...formerGenerations(rotation), ...acceptedGenerations(rotation)];
      expect(all.sort((a, b) => a - b)).toEqual(
        Array.from({ length: rotation.generation }, (_, index) => index + 1),
      );
    }),
  );
});

test("while hosts change in turn, each accepts what the others use", () => {
  fc.assert(
    fc.property(places, places, (before, after) => {
      if (fault(before, after) !== undefined) return;
      const [was, is] = [acceptedGenerations(before), acceptedGenerations(after)];
      expect(is).toContain(was[0]);
      expect(was).toContain(is[0]);
    }),
  );
});

test("from every phase there is a way on, and no more than two", () => {
  const all = Array.from({ length: 12 }, (_, index) => index + 1).flatMap((generation) =>
    rotationPhases
      .map((phase) => ({ generation, phase }))
      .filter(({ phase }) => generation > 1 || phase === "retire"),
  );
  fc.assert(
    fc.property(places, (before) => {
      const ways = all.filter((after) => fault(before, after) === undefined);
      expect(ways).toContainEqual(before);
      // Itself, the next phase, and back to the one before within the generation.
      const back = before.generation > 1 && before.phase !== "trust";
      expect(ways).toHaveLength(back ? 3 : 2);
    }),
  );
});

test("a phase that is skipped is told what comes next", () => {
  expect(fault(firstRotation, { generation: 2, phase: "retire" })).toBe(
    "pki.rotation.serviceAccountKey: got generation 2, phase retire, but this cluster is at generation 1, phase retire. " +
      "Phases are taken one at a time: set it to generation 2, phase trust, and run `pulumi up`: docs/runbooks/certificates.md",
  );
  expect(fault({ generation: 2, phase: "trust" }, { generation: 2, phase: "retire" })).toContain(
    "set it to generation 2, phase use",
  );
  expect(fault({ generation: 2, phase: "use" }, { generation: 3, phase: "trust" })).toContain(
    "set it to generation 2, phase retire",
  );
  expect(fault({ generation: 2, phase: "trust" }, firstRotation)).toContain(
    "set it to generation 2, phase use",
  );
});

describe("what the former key has signed", () => {
  const used = { generation: 2, phase: "use" } as const;
  const retired = { generation: 2, phase: "retire" } as const;
  const yesterday = new Date("2026-11-26T12:00:00Z");

  test("has its time to be replaced", () => {
    expect(fault(used, retired, yesterday, "25h")).toBe(
      "pki.rotation.serviceAccountKey: got generation 2, phase retire, but all use this generation since 2026-11-26 12:00 UTC, " +
        "and pki.rotation.serviceAccountKey.overlap is 25h: what the one before has signed may still be in use. Wait until 2026-11-27 13:00 UTC",
    );
  });

  test.each([
    ["when it is over", used, retired, "24h"],
    ["on the way back", retired, used, "25h"],
    ["where it stays as it is", retired, retired, "25h"],
    ["before the new one is used", { generation: 2, phase: "trust" }, used, "25h"],
  ] as const)("does not wait %s", (_, before, after, overlap) => {
    expect(fault(before, after, yesterday, overlap)).toBeUndefined();
  });
});

describe("the authority of Kubernetes", () => {
  const [trusted, used, retired] = rotationPhases.map((phase) => ({ generation: 2, phase }));
  const since = new Date("2026-11-26T12:00:00Z");
  const way = (before: Rotation | undefined, after: Rotation | undefined, overlap: string) =>
    rotationFault(
      "kubernetesCa",
      { ...(before as Rotation), since },
      after as Rotation,
      now,
      overlap,
    );

  test("gives programs in pods, and people, time to know it before it is used", () => {
    expect(way(trusted, used, "25h")).toBe(
      "pki.rotation.kubernetesCa: got generation 2, phase use, but all accept this generation since 2026-11-26 12:00 UTC, and pki.rotation.kubernetesCa.overlap is 25h: " +
        "what reads the authorities once, when it begins, may not know it yet. Wait until 2026-11-27 13:00 UTC",
    );
    expect(way(used, retired, "25h")).toContain(
      "what the one before has signed may still be in use",
    );
    expect(way(used, trusted, "25h")).toBeUndefined();
    for (const [before, after] of [
      [trusted, used],
      [used, retired],
    ])
      expect(way(before, after, "24h")).toBeUndefined();
  });

  test("needs a release whose programs read it again", () => {
    const problems = (kubernetes: string) =>
      problemsOf((config) => {
        config.versions.kubernetes = kubernetes;
        config.pki = { rotation: { kubernetesCa: { generation: 2, phase: "trust" } } };
      });
    expect(problems("v1.35.4")).toEqual([
      {
        path: "pki.rotation.kubernetesCa",
        message:
          "got generation 2, but programs of Kubernetes v1.35.4 read the authority once, when they begin",
        fix: "Go to Kubernetes v1.36.0 or later first",
      },
    ]);
    expect(problems("v1.36.0")).toEqual([]);
  });
});

test("a cluster that has replaced no key is told of none", () => {
  expect(begunRotations(planOf().config.pki.rotation, rotatedKeys)).toEqual([]);
  const { pki } = planOf((config) => {
    config.pki = { rotation: { encryptionKey: { generation: 2, phase: "use" } } };
  }).config;
  expect(begunRotations(pki.rotation, rotatedKeys)).toEqual(["encryptionKey 2 use"]);
  expect(begunRotations(pki.rotation, ["serviceAccountKey"])).toEqual([]);
});

test.each([
  [
    { encryptionKey: { phase: "trust" } },
    "pki.rotation.encryptionKey.phase",
    "retire with generation 1",
  ],
  [{ encryptionKey: { generation: 0 } }, "pki.rotation.encryptionKey.generation", "at least 1"],
  [
    { serviceAccountKey: { generation: 2, phase: "issue" } },
    "pki.rotation.serviceAccountKey.phase",
    "one of trust, use, retire",
  ],
  [{ serviceAccountKey: { overlap: "1d" } }, "pki.rotation.serviceAccountKey.overlap", "25h"],
] as const)("%j is refused", (rotation, path, fix) => {
  const [problem] = problemsOf((config) => (config.pki = { rotation: rotation as never }));
  expect(problem).toMatchObject({ path });
  expect(problem?.fix).toContain(fix);
});
