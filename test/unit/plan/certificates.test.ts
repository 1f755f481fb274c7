import fc from "fast-check";
import { kubeletValiditySeconds, renewalSlotSeconds } from "../../../components/plan/certificates";
import { secondsOf } from "../../../components/plan/schema/times";
import { problemsOf } from "./fixture";

const validities = fc.oneof(
  fc.integer({ min: 20, max: 600 }).map((minutes) => `${minutes}m`),
  fc.integer({ min: 1, max: 8760 }).map((hours) => `${hours}h`),
);

test("all members have had their turn within a fifth of the validity, and none has less than half a minute", () => {
  fc.assert(
    fc.property(validities, fc.constantFrom(2, 3, 5, 7), (validity, members) => {
      const slot = renewalSlotSeconds(members, validity);
      expect(slot * members).toBeLessThanOrEqual(secondsOf(validity) / 5);
      expect(slot).toBeGreaterThan(30);
      expect(slot).toBeLessThanOrEqual(3600);
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
