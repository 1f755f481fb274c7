import { busy, tooSoon, Turns } from "../../../../components/errors/turns";

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

test("orders take turns, eight a second, those that were refused after a second", () => {
  const turns = new Turns();
  expect([0, 0, 0, 100].map((now) => turns.next(now))).toEqual([0, 125, 250, 275]);
  expect([500, 500].map((now) => turns.next(now, 1000))).toEqual([1000, 1125]);
  expect(turns.next(10_000)).toBe(0);
});

test("a load balancer that is busy with another change is asked again, and nothing else is", () => {
  const member =
    "tencentcloud:index/clbTargetGroupInstanceAttachment:ClbTargetGroupInstanceAttachment";
  const refused = "[TencentCloudSDKError] Code=FailedOperation.ResourceInOperating, Message=busy";
  expect(busy(member, [refused, refused])).toBe(true);
  expect(busy(member, ["[TencentCloudSDKError] Code=LimitExceeded", refused])).toBe(false);
  expect(busy("tencentcloud:index/instance:Instance", [refused])).toBe(false);
});
