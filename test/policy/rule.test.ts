import { judge, parametersOf, type Rule, sentence } from "../../policy/rules/rule";

const echo: Rule<{ limit: number; names: string[] }> = {
  id: "data-echo",
  description: "It says its parameters.",
  level: "mandatory",
  why: "To be seen.",
  source: "here",
  fix: "Do nothing",
  scope: "stack",
  parameters: {
    limit: { type: "integer", default: 3, description: "A number." },
    names: { type: "array", items: { type: "string" }, default: ["a"], description: "Names." },
  },
  judge: (stack, parameters) => [
    { message: JSON.stringify(parameters), urn: stack.resources[0]?.urn },
  ],
};
const plain: Rule = {
  ...echo,
  id: "data-plain",
  parameters: undefined,
  judge: () => [{ message: "x", fix: "Do it" }],
};
const resources = [{ type: "t", name: "n", urn: "u", props: {}, propertyDependencies: {} }];

test("a rule has its defaults and its own fix", () => {
  expect(judge([echo, plain], resources)).toEqual([
    {
      rule: "data-echo",
      level: "mandatory",
      message: '{"limit":3,"names":["a"]}',
      fix: "Do nothing",
      urn: "u",
    },
    { rule: "data-plain", level: "mandatory", message: "x", fix: "Do it" },
  ]);
});

test("parameters may be given one by one; what is no parameter is not passed on", () => {
  expect(parametersOf(echo, { limit: 0, other: 1 })).toEqual({ limit: 0, names: ["a"] });
  expect(parametersOf(plain, { limit: 1 })).toEqual({});
});

test.each([
  ["advisory", [{ level: "advisory", message: '{"limit":3,"names":["a"]}' }]],
  ["disabled", []],
  [{ enforcementLevel: "disabled" as const }, []],
  [
    { enforcementLevel: "advisory" as const, limit: 5 },
    [{ level: "advisory", message: '{"limit":5,"names":["a"]}' }],
  ],
  [{ limit: 5 }, [{ level: "mandatory", message: '{"limit":5,"names":["a"]}' }]],
] as const)("configuration %j", (settings, expected) => {
  expect(judge([echo], resources, { "data-echo": settings })).toMatchObject([...expected]);
});

test("a finding in one line", () => {
  expect(sentence({ message: "It is wrong", fix: "Right it" })).toBe("It is wrong. Right it.");
  expect(sentence({ message: "It is open", fix: "Say it", undecided: true })).toBe(
    "cannot decide: It is open. Say it.",
  );
});
