import fc from "fast-check";
import { kubeletValiditySeconds, renewalTurns } from "../../../components/plan/certificates";
import { secondsOf } from "../../../components/plan/schema/pki";
import { first, planOf, problemsOf } from "./fixture";

const validities = fc.oneof(
  fc.integer({ min: 20, max: 600 }).map((minutes) => `${minutes}m`),
  fc.integer({ min: 1, max: 8760 }).map((hours) => `${hours}h`),
);
const members = planOf((config) => (config.etcd.members = 7)).etcd;

test("at no moment two members have their turn, and all have had it within a fifth of the validity", () => {
  fc.assert(
    fc.property(validities, fc.constantFrom(2, 3, 5, 7), (validity, count) => {
      const some = members.slice(0, count);
      const turns = some.map((member) => renewalTurns(some, member, validity));
      expect(new Set(turns.map(({ place }) => place)).size).toBe(count);
      for (const { place, places, slotSeconds } of turns) {
        expect({ places, slotSeconds }).toEqual({
          places: count,
          slotSeconds: first(turns).slotSeconds,
        });
        expect(place).toBeLessThan(places);
        expect(slotSeconds * places).toBeLessThanOrEqual(secondsOf(validity) / 5);
        expect(slotSeconds).toBeGreaterThan(30);
      }
    }),
  );
});

test("what a kubelet has left at the last is no less than others have, up to a year", () => {
  expect(kubeletValiditySeconds("20m")).toBe(3600);
  expect(kubeletValiditySeconds("8760h")).toBe(secondsOf("8760h"));
});

test.each(["20m", "8760h", "1h"])("certificates may be valid for %s", (certificateValidity) => {
  expect(problemsOf((config) => (config.pki = { certificateValidity }))).toEqual([]);
});

test.each(["19m", "8761h", "1y", "90", "0h", "1.5h"])(
  "certificates may not be valid for %s",
  (certificateValidity) => {
    const [problem] = problemsOf((config) => (config.pki = { certificateValidity }));
    expect(problem?.path).toBe("pki.certificateValidity");
    expect(`${problem?.message} ${problem?.fix}`).toMatch(/20m/);
  },
);
