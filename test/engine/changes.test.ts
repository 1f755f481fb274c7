import { rules } from "../../policy/rules";
import { Living } from "./changes/living";
import { bad } from "./changes/rows/bad";
import { good } from "./changes/rows/good";
import { type Answer, ending, type Outcome, tryRows, tryUp } from "./changes/trial";

jest.setTimeout(30 * 60_000);

let living: Living;
let outcome: Outcome;

beforeAll(async () => {
  living = await Living.start("changes-test", [...bad, ...good]);
  outcome = await tryRows(living);
});

afterAll(() => living.close());

function answerTo(title: string): Answer {
  const found = outcome.answers.find(({ row }) => row.title === title);
  if (found === undefined) throw new Error(`no answer to "${title}"`);
  return found;
}

const deniedBy = ({ judgement }: Answer) =>
  judgement.rules.filter(({ verdict }) => verdict === "denied").map(({ rule }) => rule);

test("the engine by itself refuses none of it", () => {
  expect(outcome.previewCode).toBe(0);
});

describe("denied", () => {
  test.each(bad)("$title: $rule", ({ title, rule }) => {
    const answer = answerTo(title);
    expect(answer.judgement.verdict).toBe("denied");
    expect(deniedBy(answer)).toContain(rule);
    // What the pack can see it denies by itself.
    if (rules.some(({ id }) => id === rule)) expect([...answer.pack]).toContain(rule);
  });
});

describe("passed", () => {
  test.each(good)("$title", ({ title }) => {
    const answer = answerTo(title);
    expect(answer.judgement.rules.filter(({ verdict }) => verdict !== "passed")).toEqual([]);
    expect([...answer.pack]).toEqual([]);
  });

  test("what is the same is the same: the living clusters are what the engine left", () => {
    expect(answerTo("nothing").judgement.operations).toEqual({});
  });
});

test("an up with the pack on changes nothing", async () => {
  const row = bad.find(({ rule }) => ending.includes(rule ?? ""));
  if (row === undefined) throw new Error("the pack is asked about none of the rows");
  const { code, broken, untouched } = await tryUp(await living.alone([row]));
  expect(code).not.toBe(0);
  expect(broken).toContain(row.rule);
  expect(untouched).toBe(true);
});
