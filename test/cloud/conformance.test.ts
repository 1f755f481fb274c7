import type { Action } from "../../lab/cloud/action";
import { readModels } from "../../lab/cloud/models";
import { notRequired } from "../../lab/cloud/models/exceptions";
import { plannedActions } from "../../lab/cloud/models/planned";
import { treatments } from "../../lab/cloud/schema";
import { services } from "../../lab/cloud/services";
import {
  withBadIds,
  withMissingFields,
  withUnknownFields,
  withWrongTypes,
  type Variant,
} from "./support/bodies";
import { startTestCloud, type TestCloud } from "./support/cloud";
import { send, type Answer, type Sent } from "./support/send";

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud();
});
afterAll(() => cloud.close());

const ask = (sent: Sent): Promise<Answer> => send(cloud.cloud.apiPort, sent);

const served = services.flatMap((service) =>
  [...service.actions.keys()].map((action): [string, Sent & { regional: boolean }] => [
    `${service.name} ${action}`,
    { service: service.name, action, version: service.version, regional: service.regional },
  ]),
);

/** Answers to each variant, by its path: the code, and the field the message names. */
async function answers(call: Sent, variants: Variant[]): Promise<Record<string, string>> {
  const told: Record<string, string> = {};
  for (const { path, body } of variants) {
    const { code, response } = await ask({ ...call, body: JSON.stringify(body) });
    told[path] = `${code} ${/`([^`]*)`/.exec(response.Error?.Message ?? "")?.[1] ?? ""}`;
  }
  return told;
}

/** Codes for what has not the form of an id, by service and the prefix ids should have. */
const malformed: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  cvm: {
    ins: "InvalidInstanceId.Malformed",
    img: "InvalidImageId.Malformed",
    skey: "InvalidKeyPairId.Malformed",
    ps: "InvalidParameterValue.DisasterRecoverGroupIdMalformed",
  },
  vpc: {
    other: "InvalidParameterValue.Malformed",
    eip: "InvalidParameterValue.AddressIdMalformed",
    ins: "InvalidParameterValue.InstanceIdMalformed",
  },
  cbs: { other: "InvalidParameterValue" },
  clb: { other: "InvalidParameter.FormatError" },
};

/** RunInstances looks for the groups themselves; instances.test.ts has it. */
const expectedElsewhere = ["RunInstances SecurityGroupIds"];

const all = (variants: Variant[], code: string): Record<string, string> =>
  Object.fromEntries(variants.map(({ path }) => [path, `${code} ${path}`]));

describe.each(served)("%s", (_, { regional, ...call }) => {
  const { $defs } = readModels(call.service);
  const request = `${call.action}Request`;

  test("refuses who is not who they say, is too late or asks in vain", async () => {
    const codes = {
      "another key": (await ask({ ...call, secretKey: "wrong" })).code,
      "six minutes late": (await ask({ ...call, timestamp: Date.now() / 1000 - 360 })).code,
      "six minutes early": (await ask({ ...call, timestamp: Date.now() / 1000 + 360 })).code,
      "another version": (await ask({ ...call, version: "1999-12-31" })).code,
      "no JSON": (await ask({ ...call, body: "{" })).code,
      "no object": (await ask({ ...call, body: "[]" })).code,
    };
    expect(codes).toEqual({
      "another key": "AuthFailure.SignatureFailure",
      "six minutes late": "AuthFailure.SignatureExpire",
      "six minutes early": "AuthFailure.SignatureExpire",
      "another version": "NoSuchVersion",
      "no JSON": "InvalidParameter",
      "no object": "InvalidParameter",
    });
  });

  test("needs the region only if what it works on has one", async () => {
    const { response } = await ask({ ...call, headers: { "x-tc-region": undefined } });
    const other = await ask({ ...call, headers: { "x-tc-region": "ap-moon" } });
    const asksForRegion = response.Error?.Message.includes("X-TC-Region") ?? false;
    expect(asksForRegion).toBe(regional);
    expect(other.code === "UnsupportedRegion").toBe(regional);
  });

  test("refuses a field its model does not have, at any depth", async () => {
    const variants = withUnknownFields($defs, request);
    expect(await answers(call, variants)).toEqual(all(variants, "UnknownParameter"));
  });

  test("refuses a value of another type, at any depth", async () => {
    const variants = withWrongTypes($defs, request);
    expect(await answers(call, variants)).toEqual(all(variants, "InvalidParameter"));
  });

  test("asks for what its model requires, at any depth", async () => {
    const variants = withMissingFields($defs, request, notRequired[call.service]);
    expect(await answers(call, variants)).toEqual(all(variants, "MissingParameter"));
  });

  test("tells what is no id from what is not there", async () => {
    const { schema } = services
      .find(({ name }) => name === call.service)
      ?.actions.get(call.action) as Action;
    const honoured = treatments(schema)
      .filter(([, each]) => each === "honoured")
      .map(([path]) => path);
    const ids = withBadIds($defs, request).filter(
      ({ path }) =>
        honoured.includes(path) && !expectedElsewhere.includes(`${call.action} ${path}`),
    );
    const told = await answers(call, ids);
    for (const { path, prefix } of ids) {
      const codes = malformed[call.service] ?? {};
      const code = codes[prefix] ?? codes["other"] ?? "a code in the table above";
      expect([`${code} ${path}`, `${code} ${path}.0`]).toContain(told[path]);
    }
  });
});

const notServed = Object.entries(plannedActions).flatMap(([name, actions]) => {
  const service = services.find((each) => each.name === name);
  return actions
    .filter((action) => !service?.actions.has(action))
    .map((action): [string, Sent] => [
      `${name} ${action}`,
      { service: name, action, version: readModels(name).version },
    ]);
});

test("what is not served says so, and no retry of the provider hides it", async () => {
  for (const [, call] of notServed) {
    const known = services.some((each) => each.name === call.service);
    expect((await ask(call)).code).toBe(known ? "InvalidAction" : "NoSuchProduct");
  }
  expect((await ask({ ...(served[0] as [string, Sent])[1], action: "Brew" })).code).toBe(
    "InvalidAction",
  );
});
