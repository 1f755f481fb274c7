import { groupOf } from "../../../policy/facts/groups";
import { haproxyCheck } from "../../../policy/facts/health";
import { Stack } from "../../../policy/facts/stack";
import { tokenOf, toResource, unknown } from "../judge";

test.each<[Record<string, unknown>, string | undefined]>([
  [{}, undefined],
  [{ placementGroupId: "" }, undefined],
  [{ placementGroupId: null }, undefined],
  [{ disasterRecoverGroupIds: [] }, undefined],
  [{ placementGroupId: "ps-1" }, "foreign"],
  [{ placementGroupId: unknown }, "foreign"],
  [{ disasterRecoverGroupIds: ["ps-1"] }, "foreign"],
  [{ disasterRecoverGroupIds: unknown }, "foreign"],
])("inputs %j without a group of the stack: %s", (props, expected) => {
  const instance = toResource({ type: tokenOf("instance"), name: "host", props });
  expect(groupOf(new Stack([instance]), instance)).toBe(expected);
});

test("HAProxy's own defaults: every 2 s, 3 failures, the interval for an answer", () => {
  expect(haproxyCheck("server a 10.0.0.1:6443   check")).toEqual({
    interval: 2,
    failures: 3,
    timeout: 2,
  });
  expect(haproxyCheck("timeout check 250ms\nserver a 10.0.0.1:6443 check inter 10 fall 1")).toEqual(
    {
      interval: 0.01,
      failures: 1,
      timeout: 0.25,
    },
  );
});

test.each(["1us", "s1", "1s2", "x1s"])("%s is no time", (time) => {
  expect(haproxyCheck(`server a 10.0.0.1 check inter ${time}`)?.interval).toBe(Infinity);
});

test("lines that are no servers do not count", () => {
  expect(haproxyCheck("option check\n# server a check")).toBeUndefined();
});
