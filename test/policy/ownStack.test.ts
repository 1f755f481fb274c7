import { judge, rules, sentence } from "../../policy/rules";
import { type Resource } from "../../policy/facts/stack";
import { inPreview, ownStack, prodConfig } from "./support/ownStack";

jest.mock(
  "@pulumi/tencentcloud",
  () => jest.requireActual<object>("../unit/components/support/tencentcloud"),
  { virtual: true },
);
jest.mock(
  "@pulumi/tencentcloud/package.json",
  () => ({ pulumi: { parameterization: { version: "1.83.25" } } }),
  { virtual: true },
);

jest.setTimeout(120_000);

let made: Resource[];
let preview: Resource[];

beforeAll(async () => {
  made = await ownStack(prodConfig());
  preview = inPreview(made);
});

const said = (resources: readonly Resource[]) =>
  judge(rules, resources).map((violation) => `${violation.rule}: ${sentence(violation)}`);

test("every rule allows what our components plan, before it is made and after", () => {
  expect(said(preview)).toEqual([]);
  expect(said(made)).toEqual([]);
});
