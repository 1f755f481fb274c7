import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { changeRules } from "../../policy/check/rules";
import { renderPolicies } from "../../policy/docs/render";
import { rules } from "../../policy/rules";
import { areas } from "../../policy/rules/rule";

const root = join(__dirname, "..", "..");

test("docs/policies.md says what the rules say: run `npx tsx policy/docs/main.ts`", () => {
  expect(readFileSync(join(root, "docs", "policies.md"), "utf8")).toBe(renderPolicies());
});

describe.each(rules.map((rule) => [rule.id, rule] as const))("%s", (id, rule) => {
  test("is one sentence, with reasons", () => {
    expect(rule.description).toMatch(/^[A-Z][^\n]*\.$/);
    expect(rule.description.slice(0, -1)).not.toMatch(/[.!?] [A-Z]/);
    expect([rule.why, rule.source, rule.fix].map((text) => text.length > 10)).not.toContain(false);
    expect(rule.level).toBe("mandatory");
    // A sentence is made of it with a full stop of its own.
    expect(rule.fix).toMatch(/^[A-Z].*[^.]$/);
  });

  test("is of an area, and has a file and a test of its own there", () => {
    const area = areas.find((candidate) => id.startsWith(`${candidate}-`));
    expect(area).toBeDefined();
    const found = ["policy/rules", "test/policy"].flatMap((directory) =>
      existsSync(join(root, directory, area ?? "")) ? [directory] : [],
    );
    expect(found).toHaveLength(2);
  });

  test("has a default for every parameter, of its type", () => {
    for (const parameter of Object.values(rule.parameters ?? {})) {
      const {
        type,
        default: value,
        description,
      } = parameter as {
        type: string;
        default: unknown;
        description: string;
      };
      expect({ integer: "number", boolean: "boolean", array: "object" }[type]).toBe(typeof value);
      expect(description).toMatch(/\.$/);
    }
  });
});

test("no two rules have one id", () => {
  const ids = [...rules, ...changeRules].map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});
