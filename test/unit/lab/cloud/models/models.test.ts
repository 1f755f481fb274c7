import { readFileSync } from "node:fs";
import { join } from "node:path";

import ts from "typescript";

import { actionModel, readModels } from "../../../../../lab/cloud/models";
import { compactModels, type FieldSchema } from "../../../../../lab/cloud/models/compact";
import { notRequired } from "../../../../../lab/cloud/models/exceptions";
import { modelledActions, modelledServices } from "../../../../../lab/cloud/models/generate";

interface Field {
  type: string;
  required: boolean;
}

/** Interfaces of the official Node SDK's models of a service: field by field, type and whether it is required. */
function sdkModels(service: string, version: string): Map<string, Map<string, Field>> {
  const file = join(
    __dirname,
    "../../../../../node_modules/tencentcloud-sdk-nodejs/tencentcloud/services",
    service,
    `v${version.replaceAll("-", "")}`,
    `${service}_models.d.ts`,
  );
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.ES2022);
  const models = new Map<string, Map<string, Field>>();
  for (const statement of source.statements) {
    if (ts.isTypeAliasDeclaration(statement)) {
      models.set(statement.name.text, new Map()); // `type X = null`: a request without fields
    }
    if (ts.isInterfaceDeclaration(statement)) {
      const fields = statement.members
        .filter(ts.isPropertySignature)
        .map((each): [string, Field] => [
          (each.name as ts.Identifier).text,
          {
            // Large integers may be given as bigint too; JSON knows numbers only.
            type: (each.type as ts.TypeNode).getText(source).replace("number | bigint", "number"),
            required: each.questionToken === undefined,
          },
        ]);
      models.set(statement.name.text, new Map(fields));
    }
  }
  return models;
}

function sdkType(schema: FieldSchema): string {
  if ("$ref" in schema) {
    return schema.$ref.split("/").at(-1) as string;
  }
  if (schema.type === "array") {
    return `Array<${sdkType(schema.items)}>`;
  }
  return schema.type === "integer" ? "number" : schema.type;
}

describe.each(modelledServices)("%s", (service) => {
  const { version, $defs } = readModels(service);
  const sdk = sdkModels(service, version);

  test("the models are those of the official Node SDK", () => {
    const kept = Object.fromEntries(
      Object.entries($defs).map(([name, { properties, required }]) => [
        name,
        Object.fromEntries(
          Object.entries(properties).map(([field, schema]) => [
            field,
            // The SDK calls no field of a response required.
            {
              type: sdkType(schema),
              required: required.includes(field) && sdk.get(name)?.get(field)?.required,
            },
          ]),
        ),
      ]),
    );
    const official = Object.fromEntries(
      Object.keys($defs).map((name) => [
        name,
        Object.fromEntries(sdk.get(name) ?? [["missing", 1]]),
      ]),
    );
    expect(kept).toEqual(official);
  });

  test("each action that is planned or served has its models", () => {
    for (const action of modelledActions(service)) {
      expect(() => actionModel(service, action)).not.toThrow();
    }
  });

  test("each exception is needed: the model does require the field", () => {
    for (const [object, fields] of Object.entries(notRequired[service] ?? {})) {
      expect($defs[object]?.required).toEqual(expect.arrayContaining([...fields]));
    }
  });
});

test("a description becomes schemas of all that an action reaches, and of nothing else", () => {
  const api = {
    metadata: { apiVersion: "2020-01-01" },
    actions: { Do: { input: "DoRequest", output: "DoResponse" } },
    objects: {
      DoRequest: { members: [{ name: "Deep", type: "object", member: "Deep", required: true }] },
      DoResponse: { members: [{ name: "Days", type: "list", member: "datetime" }] },
      Deep: { members: [{ name: "Again", type: "list", member: "Deep", required: false }] },
      Unused: { members: [] },
    },
  };
  expect(compactModels(api, ["Do"], "here").$defs).toEqual({
    DoRequest: {
      type: "object",
      additionalProperties: false,
      properties: { Deep: { $ref: "#/$defs/Deep" } },
      required: ["Deep"],
    },
    DoResponse: {
      type: "object",
      additionalProperties: false,
      properties: { Days: { type: "array", items: { type: "string" } } },
      required: [],
    },
    Deep: {
      type: "object",
      additionalProperties: false,
      properties: { Again: { type: "array", items: { $ref: "#/$defs/Deep" } } },
      required: [],
    },
  });
  expect(() => compactModels(api, ["Undo"], "here")).toThrow("here has no action 'Undo'");
});

describe("a request", () => {
  const check = (body: unknown): string => {
    try {
      actionModel("vpc", "CreateRoutes").checkRequest(body);
      return "ok";
    } catch (error) {
      return `${(error as { code: string }).code} ${/`(.*?)`/.exec((error as Error).message)?.[1] ?? ""}`;
    }
  };
  const RouteTableId = "rtb-12345678";
  test.each<[string, object, string]>([
    ["good", { RouteTableId, Routes: [{ RouteId: 1 }] }, "ok"],
    ["unknown", { RouteTableId, Routes: [], Colour: 1 }, "UnknownParameter Colour"],
    [
      "unknown inside",
      { RouteTableId, Routes: [{ Colour: 1 }] },
      "UnknownParameter Routes.0.Colour",
    ],
    ["missing", { Routes: [] }, "MissingParameter RouteTableId"],
    [
      "text for a number",
      { RouteTableId, Routes: [{ RouteId: "1" }] },
      "InvalidParameter Routes.0.RouteId",
    ],
    [
      "fraction for an integer",
      { RouteTableId, Routes: [{ RouteId: 1.5 }] },
      "InvalidParameter Routes.0.RouteId",
    ],
    ["null", { RouteTableId: null, Routes: [] }, "InvalidParameter RouteTableId"],
    ["object for a list", { RouteTableId, Routes: {} }, "InvalidParameter Routes"],
    ["unknown before wrong before missing", { Routes: 1, Colour: 1 }, "UnknownParameter Colour"],
    ["wrong before missing", { Routes: 1 }, "InvalidParameter Routes"],
  ])("%s", (_, body, answer) => {
    expect(check(body)).toBe(answer);
  });
});

test("a response has every field, each of its type; only an object may be null", () => {
  const check = (response: unknown) => () =>
    actionModel("cvm", "DescribeZones").checkResponse(response);
  const zone = { Zone: "z", ZoneName: "", ZoneId: "", ZoneState: "" };
  const RequestId = "r";
  expect(check({ TotalCount: 1, ZoneSet: [zone], RequestId })).not.toThrow();
  expect(check({ TotalCount: 1, ZoneSet: null, RequestId })).toThrow("ZoneSet is null, not array");
  expect(check({ TotalCount: 1, ZoneSet: [{ ...zone, Zone: 3 }], RequestId })).toThrow(
    "ZoneSet.0.Zone is number, not string",
  );
  const partial = { Zone: "z", ZoneName: "", ZoneId: "" };
  expect(check({ TotalCount: 1, ZoneSet: [partial], RequestId })).toThrow(
    "ZoneSet.0.ZoneState is missing",
  );
  expect(check({ TotalCount: 1, ZoneSet: [], RequestId, More: 1 })).toThrow("More is not in it");
  const made = actionModel("vpc", "CreateVpc");
  expect(() => made.checkResponse({ Vpc: null, RequestId })).not.toThrow();
  expect(() => made.checkResponse({ Vpc: [], RequestId })).toThrow("Vpc is array, not object");
});
