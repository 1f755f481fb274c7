import { tooSoon, turns } from "../../../../components/errors/errorHook";

const instance = "tencentcloud:index/instance:Instance";
const refused =
  "[TencentCloudSDKError] Code=RequestLimitExceeded, Message=Reduce the frequency of calls.";

test("an instance that the cloud refused for the rate of calls alone is ordered again", () => {
  expect(tooSoon(instance, "create", [refused])).toBe(true);
  expect(tooSoon(instance, "create", [refused, refused])).toBe(true);
});

test.each([
  [
    "another kind, whose create makes several calls",
    "tencentcloud:index/vpc:Vpc",
    "create",
    [refused],
  ],
  ["an update", instance, "update", [refused]],
  ["another error", instance, "create", ["[TencentCloudSDKError] Code=InternalError, Message=?"]],
  ["another error on the way", instance, "create", [refused, "Code=InvalidParameterValue"]],
])("%s is not", (_, type, operation, errors) => {
  expect(tooSoon(type, operation, errors)).toBe(false);
});

test("orders that came too soon at once take turns", () => {
  const turn = turns(5);
  expect([0, 0, 0, 100].map(turn)).toEqual([1000, 1200, 1400, 1500]);
  expect(turn(10_000)).toBe(1000);
});
