import { applyFilters, page, vpcRules } from "../../../../lab/cloud/query";
import * as s from "../../../../lab/cloud/schema";
import { parseSettings } from "../../../../lab/cloud/settings";

interface Request {
  Id: string;
  Count?: number;
  Disk?: { Size: number };
  Tags?: { Key: string; Value: string }[];
}

const schema = s.model<Request>({
  Id: s.id("vpc", "InvalidParameterValue.Odd"),
  Count: s.optionalInteger,
  Disk: s.model<{ Size: number }>({ Size: s.integer }).optional(),
  Tags: s.keyValueTags,
});

function codeOf(act: () => unknown): string {
  try {
    act();
    return "ok";
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

test.each<[string, object, string]>([
  ["good", { Id: "vpc-12345678", Disk: { Size: 1 } }, "ok"],
  ["missing", {}, "MissingParameter"],
  ["missing inside", { Id: "vpc-12345678", Disk: {} }, "MissingParameter"],
  ["unknown", { Id: "vpc-12345678", Colour: 1 }, "UnknownParameter"],
  ["unknown inside", { Id: "vpc-12345678", Disk: { Size: 1, Colour: 1 } }, "UnknownParameter"],
  ["wrong type", { Id: 7 }, "InvalidParameter"],
  ["text for a number", { Id: "vpc-12345678", Count: "1" }, "InvalidParameter"],
  ["fraction for an integer", { Id: "vpc-12345678", Count: 1.5 }, "InvalidParameter"],
  ["null", { Id: null }, "InvalidParameter"],
  ["id of another shape", { Id: "vpc-123" }, "InvalidParameterValue.Odd"],
  [
    "empty tag key",
    { Id: "vpc-12345678", Tags: [{ Key: "", Value: "" }] },
    "InvalidParameterValue",
  ],
])("%s", (_, body, code) => {
  expect(codeOf(() => s.parseRequest(schema, body))).toBe(code);
});

test("the message names the field by its path", () => {
  const body = { Id: "vpc-12345678", Tags: [{ Key: "a", Value: 1 }] };
  expect(() => s.parseRequest(schema, body)).toThrow("Tags.0.Value");
});

describe("filters and pages", () => {
  const records = [
    { id: "a", zone: "1" },
    { id: "b", zone: "1" },
    { id: "c", zone: "2" },
  ];
  const fields = { id: (r: { id: string }) => r.id, zone: (r: { zone: string }) => r.zone };
  const filtered = (...filters: { Name: string; Values: string[] }[]): string[] =>
    applyFilters(records, filters, fields, vpcRules, (r) => ({ name: r.id })).map((r) => r.id);

  test("values are alternatives, filters add up, tags count", () => {
    expect(filtered({ Name: "id", Values: ["a", "c"] })).toEqual(["a", "c"]);
    expect(filtered({ Name: "id", Values: ["a", "c"] }, { Name: "zone", Values: ["2"] })).toEqual([
      "c",
    ]);
    expect(filtered({ Name: "tag:name", Values: ["b"] })).toEqual(["b"]);
    expect(filtered({ Name: "tag-key", Values: ["name"] })).toEqual(["a", "b", "c"]);
    expect(codeOf(() => filtered({ Name: "colour", Values: [] }))).toBe(
      "InvalidParameter.FilterInvalidKey",
    );
    // The name of something every object has is no filter either.
    expect(codeOf(() => filtered({ Name: "constructor", Values: [] }))).toBe(
      "InvalidParameter.FilterInvalidKey",
    );
  });

  test("offset and limit may be numbers or their text", () => {
    expect(page(records, "1", "1", vpcRules)).toEqual([records[1]]);
    expect(page(records, 2, undefined, vpcRules)).toEqual([records[2]]);
    expect(codeOf(() => page(records, 0, 101, vpcRules))).toBe("InvalidParameterValue.Range");
    expect(codeOf(() => page(records, "-1", 1, vpcRules))).toBe("InvalidParameterValue.Range");
  });
});

test("wrong settings are told all at once, with their paths", () => {
  expect(() => parseSettings({ stateDir: "", credentials: [], colour: 1 })).toThrow(
    /stateDir[\s\S]*credentials|credentials[\s\S]*stateDir/,
  );
  const host = { name: "same", cpus: 1, memoryGiB: 1 };
  const inventory = {
    zones: [{ name: "z", switches: [{ name: "s", racks: [{ name: "r", hosts: [host, host] }] }] }],
  };
  const credentials = [{ secretId: "a", secretKey: "b" }];
  expect(() => parseSettings({ stateDir: "/x", credentials, inventory })).toThrow(
    "host name 'same' is used twice",
  );
});
