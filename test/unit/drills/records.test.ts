import { parseRecords } from "../../../drills/records";

const log = [
  '["try", 100.5, 100.51, "", "0a1b2c3d", 0.001]',
  '["try", 100.55, 101.55, "tls: timeout", "", 0.2]',
  '["pulse", 100.6, 100.61, ""]',
  '["entry", 101.0, 101.5, "", "101.000"]',
  '["open", 0, 100.1, "0a1b2c3d"]',
  '["silence", 0, 101.0, 103.0]',
  '["cut", 0, 102.0, "eof"]',
  '["refused", 0, 102.5, "connect: refused"]',
].join("\n");

test("a prober's log, on this machine's clock; a line that was not written to its end is left out", () => {
  expect(parseRecords(`${log}\n["try", 100.6, 10`, 100)).toEqual({
    tries: [
      { start: 0.5, end: expect.closeTo(0.51) as number, error: "", who: "0a1b2c3d", late: 0.001 },
      {
        start: expect.closeTo(0.55) as number,
        end: expect.closeTo(1.55) as number,
        error: "tls: timeout",
        who: "",
        late: 0.2,
      },
    ],
    pulses: [
      { start: expect.closeTo(0.6) as number, end: expect.closeTo(0.61) as number, error: "" },
    ],
    entries: [{ start: 1, end: 1.5, error: "", key: "101.000" }],
    watches: [
      { watch: 0, what: "open", at: expect.closeTo(0.1) as number, who: "0a1b2c3d" },
      { watch: 0, what: "silence", from: 1, to: 3 },
      { watch: 0, what: "cut", at: 2, how: "eof" },
      { watch: 0, what: "refused", at: 2.5, error: "connect: refused" },
    ],
  });
});

test("what is not known is an error", () => {
  expect(() => parseRecords('["new", 1]\n')).toThrow('not known: ["new", 1]');
});
