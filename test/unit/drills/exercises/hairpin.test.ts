import { hairpin, parseAnswers } from "../../../../drills/exercises/hairpin";
import { labPlan } from "../../../support/labPlan";

test("answers are read with the time they took, and why there was none", () => {
  expect(
    parseAnswers(
      "100.5 200 0.010 \n101.0 000 2.001 Connection timed out after 2001 milliseconds\n104.0 500 0.02 \n",
    ),
  ).toEqual([
    { start: 100.5, end: 100.51, error: "" },
    {
      start: 101,
      end: 103.001,
      error: "Connection timed out after 2001 milliseconds",
    },
    { start: 104, end: 104.02, error: "answered 500" },
  ]);
});

/** A cluster whose hosts answer each script with what `answer` says for the host. */
const site = (entry: string, answer: (host: string, script: string) => string) => ({
  plan: labPlan({ entry }),
  cluster: {
    onHost: (host: string, script: string) => Promise.resolve(answer(host, script)),
  },
});

test("each master is a check of its own: one whose connections hang now and then fails", async () => {
  const tried = await hairpin.run(
    site("vip", (host) =>
      host.endsWith("-2") ? "1.0 200 0.01 \n2.0 000 2.0 timed out\n" : "1.0 200 0.01 \n",
    ),
  );
  expect(tried?.checks.map(({ measured, passed }) => [measured, passed])).toEqual([
    ["all 1 served, the slowest after 0.01 s", true],
    ["timed out 1", false],
    ["all 1 served, the slowest after 0.01 s", true],
  ]);
});

test("no answer at all is no pass", async () => {
  const tried = await hairpin.run(site("vip", () => ""));
  expect(tried?.checks.map(({ passed }) => passed)).toEqual([false, false, false]);
});

test.each([
  ["vip", 2],
  ["node-haproxy", 1],
])("%s: %i ways from each master", async (entry, ways) => {
  const scripts: string[] = [];
  await hairpin.run(
    site(entry, (_, script) => {
      scripts.push(script);
      return "";
    }),
  );
  expect(scripts.map((script) => script.split("curl ").length - 1)).toEqual([ways, ways, ways]);
});
