import { settle } from "../../../operations/orphans/recovery";
import resources from "../../../toolchain/resources.json";
import { versions } from "../../../toolchain/versions";
import schema from "../../data/provider-1.83.25/schema.json";
import {
  classesInSources,
  terraformName,
  typeOfClass,
  typesRegistered,
} from "./support/constructed";

/** What the installed SDK says it was generated from. */
let mockVersion = "";
jest.mock(
  "@pulumi/tencentcloud/package.json",
  () => ({
    get version() {
      return mockVersion;
    },
  }),
  { virtual: true },
);

const { official, buildable } = versions.provider;
const classes = classesInSources();

test.each([official, buildable])(
  "the sources name all that the program registers with provider %s",
  async (version) => {
    mockVersion = version;
    const registered = await typesRegistered();
    expect(classes.map(typeOfClass)).toEqual(expect.arrayContaining(registered) as unknown);
    const association = registered.includes(typeOfClass("HaVipInstanceAttachment"));
    expect(association).toBe(version === official);
  },
);

test.each(classes)("a generated SDK has %s, as far as its provider does", (name) => {
  expect(resources).toContain(terraformName(name));
  expect(Object.entries(schema)).toContainEqual([terraformName(name), expect.any(Object)]);
});

test.each(classes)("an interrupted create of %s can be settled", (name) => {
  const type = typeOfClass(name);
  const operation = { type: "creating", resource: { urn: name, type, custom: true, inputs: {} } };
  const { unsettled, forgotten } = settle(
    { version: 3, deployment: { pending_operations: [operation] } },
    [],
    [],
  );
  expect(unsettled).toEqual([]);
  expect(forgotten).toEqual([name]);
});
