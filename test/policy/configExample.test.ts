import { rules } from "../../policy/rules";
import type { RuleConfig } from "../../policy/rules/rule";
import example from "../../policy/policy-config.example.json";

test("the sample configuration names rules and parameters that there are, of their types", () => {
  for (const [id, settings] of Object.entries(example as RuleConfig)) {
    const rule = rules.find((each) => each.id === id);
    expect({ id, found: rule !== undefined }).toEqual({ id, found: true });
    if (typeof settings === "string") continue;
    for (const [name, value] of Object.entries(settings)) {
      if (name === "enforcementLevel") continue;
      const { type } = (rule?.parameters as Record<string, { type: string }>)[name] ?? {};
      const got = Array.isArray(value) ? "array" : Number.isInteger(value) ? "integer" : "boolean";
      expect({ id, name, type: got }).toEqual({ id, name, type });
    }
  }
});
