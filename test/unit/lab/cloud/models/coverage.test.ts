import { readFileSync } from "node:fs";
import { join } from "node:path";

import { readModels } from "../../../../../lab/cloud/models";
import { coverage } from "../../../../../lab/cloud/models/coverage";
import * as s from "../../../../../lab/cloud/schema";
import { services } from "../../../../../lab/cloud/services";

test("docs/cloud-coverage.md is current; if not: tsx lab/cloud/models/coverage.ts", () => {
  const file = join(__dirname, "../../../../../docs/cloud-coverage.md");
  expect(readFileSync(file, "utf8")).toBe(coverage());
});

test("each field of each request's model has its treatment, and no other", () => {
  for (const service of services) {
    const { $defs } = readModels(service.name);
    for (const action of service.actions.values()) {
      const treated = s.treatments(action.schema).map(([path]) => path);
      const top = treated.filter((path) => !path.includes("."));
      expect([action.name, ...top.sort()]).toEqual([
        action.name,
        ...Object.keys($defs[`${action.name}Request`]?.properties ?? {}).sort(),
      ]);
    }
  }
});

test("a field is honoured, ignored or refused, whatever it is wrapped in", () => {
  interface Deep {
    Size: number;
    Old?: string;
  }
  const deep = s.model<Deep>({ Size: s.integer, Old: s.ignored });
  interface Request {
    Id: string;
    Deep?: Deep;
    Many?: Deep[];
    No?: boolean;
  }
  const schema = s.model<Request>({
    Id: s.text,
    Deep: deep.optional(),
    Many: deep.array().optional(),
    No: s.refused,
  });
  expect(s.treatments(schema)).toEqual([
    ["Id", "honoured"],
    ["Deep", "honoured"],
    ["Deep.Size", "honoured"],
    ["Deep.Old", "ignored"],
    ["Many", "honoured"],
    ["Many.Size", "honoured"],
    ["Many.Old", "ignored"],
    ["No", "refused"],
  ]);
  const code = (No: unknown): string => {
    try {
      s.parseRequest(schema, { Id: "x", No });
      return "ok";
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  expect([false, 0, "", []].map(code)).toEqual(["ok", "ok", "ok", "ok"]);
  expect([true, 1, "x", ["x"], {}].map(code)).toEqual(Array(5).fill("UnsupportedOperation"));
});
