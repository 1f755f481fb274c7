import { onBusyMachine } from "../../../../drills/exercises/ofFault";
import { outcomeBy } from "../../../../drills/practise";

const check = { what: "writes", expected: "at most 10 s", measured: "12.0 s", passed: false };

test("a time that was too long on a machine that was late itself is unclear, and never a pass", () => {
  const unclear = onBusyMachine(check, 800);
  expect(unclear).toMatchObject({
    measured: "12.0 s; clients began up to 0.8 s late",
    ...{ passed: false, unclear: true },
  });
  expect(outcomeBy([unclear, { ...check, passed: true }])).toBe("unclear");
});

test.each([
  ["on a quiet machine", check, 20],
  ["when it is no matter of time", { ...check, strict: true }, 5000],
])("%s it is a failure", (_, given, lateMs) => {
  expect(onBusyMachine(given, lateMs)).toEqual(given);
  expect(outcomeBy([given, onBusyMachine(check, 800)])).toBe("failed");
});

test("what passed has passed, however busy it was", () => {
  const passed = { ...check, passed: true };
  expect(onBusyMachine(passed, 5000)).toEqual(passed);
  expect(outcomeBy([passed])).toBe("passed");
});
